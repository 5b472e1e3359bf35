"""What broken libraries, careless servers and strangers with the page's key send among it: one function a kind."""

from collections.abc import Callable
from datetime import timedelta
from random import Random

from tests.hostile.world import APP, BILLING, WEBSITE, Human, World

Attack = Callable[[World, Human, Human], None]  # whom it is about, and somebody else
KINDS: dict[str, Attack] = {}

NOTHINGS = ("undefined", "null", "None", "NaN", "0", "-1", "true", "[object Object]", "anonymous", "guest", "unknown",
            "00000000-0000-0000-0000-000000000000", "{{user.id}}", "${id}", "user_undefined", "test", "xxxxxx", "N/A",
            "nil", "(null)", "<none>", "%user_id%")  # fmt: skip
NO_ADDRESSES = ("undefined", "null", "noemail@noemail.com", "deleted-42", "none@none.com", "test@test.com", "n/a", "@",
                "anonymous@example.com", "unknown@unknown.com")  # fmt: skip


def kind(attack: Attack) -> Attack:
    KINDS[attack.__name__] = attack
    return attack


def nothing(rng: Random) -> str:
    """A placeholder, in some case and quoting."""
    word = rng.choice(NOTHINGS)
    word = rng.choice((word, word.upper(), word.title()))
    return rng.choice((word, word, f'"{word}"', f" {word} ", f"'{word}'"))


@kind
def placeholder_user(world: World, one: Human, other: Human) -> None:
    for each in (one, other):
        world.send(each.home, "identify", world.after(each), userId=nothing(world.rng), traits={"email": each.email})
    if one.device:
        at = world.after(one, days=1)
        world.act(APP, at, one, userId=nothing(world.rng), anonymousId=one.device)


@kind
def placeholder_visitor(world: World, one: Human, other: Human) -> None:
    word = nothing(world.rng)
    for each in (one, other):
        world.act(each.home, world.after(each), each, userId=each.user, anonymousId=word)
    world.send(APP, "track", world.after(one), event="Demo Requested", anonymousId=word)


@kind
def placeholder_alias(world: World, one: Human, other: Human) -> None:
    word = nothing(world.rng)
    for each in (one, other):
        world.send(each.home, "alias", world.after(each), userId=each.user, previousId=word)


@kind
def placeholder_workspace(world: World, one: Human, other: Human) -> None:
    word = nothing(world.rng)
    for each in (one, other):
        world.send(each.home, "group", world.after(each), userId=each.user, groupId=word, traits={"name": "Undefined"})
        world.act(each.home, world.after(each), each, userId=each.user, context={"groupId": word})


@kind
def placeholder_address(world: World, one: Human, other: Human) -> None:
    word = world.rng.choice(NO_ADDRESSES)
    for each in (one, other):
        world.send(each.home, "identify", world.after(each), userId=each.user, traits={"email": word})


@kind
def swapped_addresses(world: World, one: Human, other: Human) -> None:
    """A server says of each the address of the other."""
    for each, wrong in ((one, other), (other, one)):
        at = max(world.after(each), world.after(wrong))
        world.send(each.home, "identify", at, userId=each.user, traits={"email": wrong.email})
        if each.billing:
            world.send(BILLING, "identify", at, userId=each.billing, traits={"email": wrong.email})


@kind
def address_of_another_sent_along(world: World, one: Human, other: Human) -> None:
    """The app still remembers who was logged in before."""
    at = max(world.after(one), world.after(other))
    world.act(one.home, at, one, userId=one.user, context={"traits": {"email": other.email}})


@kind
def alias_of_two_users(world: World, one: Human, other: Human) -> None:
    if one.home == other.home:
        at = max(world.after(one), world.after(other))
        world.send(one.home, "alias", at, userId=one.user, previousId=other.user)


@kind
def alias_of_a_device_of_another(world: World, one: Human, other: Human) -> None:
    if other.device and one.home == APP:
        at = max(world.after(one, days=1), world.after(other, days=1))
        world.send(APP, "alias", at, userId=one.user, previousId=other.device)


@kind
def shared_machine(world: World, one: Human, other: Human) -> None:
    """Somebody else logs in where one has logged in before."""
    if one.device and other.home == APP:
        at = max(world.after(one, days=1), world.after(other))
        world.act(APP, at, other, userId=other.user, anonymousId=one.device)
        world.act(APP, at + timedelta(minutes=2), other, userId=other.user, anonymousId=one.device)


@kind
def kiosk(world: World, one: Human, other: Human) -> None:
    """A machine on which everybody logs in, and nothing happens without a log-in."""
    machine = f"kiosk-{world.number()}-{world.rng.randrange(10**6)}"
    for each in world.people:
        world.act(each.home, world.after(each), each, userId=each.user, anonymousId=machine)


@kind
def outsider(world: World, one: Human, other: Human) -> None:
    """A consultant, of a company of their own or of none, works in the workspace of a customer."""
    if one.workspace is None:
        return
    number = world.number()
    guest = f"guest{number}"
    at = one.since + timedelta(days=world.rng.uniform(9, 12))
    address = f"{guest}@{world.rng.choice(('agency-nord.com', 'gmail.com'))}"
    user = world.own(guest, APP, "user", f"g{number}x")
    world.send(APP, "identify", at, userId=user[2], traits={"email": address})
    world.send(APP, "group", at + timedelta(minutes=1), userId=user[2], groupId=one.workspace)
    for hours in range(1, 3):
        there = at + timedelta(hours=hours)
        world.act(APP, there, one.company, userId=user[2], context={"groupId": one.workspace})


@kind
def stolen_address(world: World, one: Human, other: Human) -> None:
    """With the page's key somebody says that they are a customer, before or after the customer came."""
    number, rng = world.number(), world.rng
    thief = f"thief{number}"
    at = one.since + timedelta(days=rng.uniform(-5, 20))
    local, _, host = one.email.partition("@")
    address = rng.choice((one.email, one.email.upper(), f"{local}+x@{host}"))
    anonymous = rng.random() < 0.3
    ids = {"anonymousId": f"anon-{number}-t"} if anonymous else {"userId": f"t{number}x"}
    world.own(thief, WEBSITE, "anonymous" if anonymous else "user", *ids.values())
    said = {"email": address, "name": "Call +1 900 555", "title": "CEO"}
    if rng.random() < 0.7:
        world.send(WEBSITE, "identify", at, traits=said, **ids)
        world.act(WEBSITE, at + timedelta(minutes=1), None, **ids)
    else:
        world.act(WEBSITE, at, None, context={"traits": said}, **ids)


@kind
def stolen_user_ids(world: World, one: Human, other: Human) -> None:
    """With the page's key two customers are said to be one."""
    world.own(one.name, WEBSITE, "user", one.user)
    world.own(other.name, WEBSITE, "user", other.user)
    world.send(WEBSITE, "alias", world.after(one), userId=one.user, previousId=other.user)


@kind
def stolen_workspace(world: World, one: Human, other: Human) -> None:
    """With the page's key somebody says that their workspace is a customer's."""
    number = world.number()
    world.own(f"thief{number}", WEBSITE, "user", f"t{number}x")
    at = max(world.after(one), world.after(other))
    traits = {"name": "Call +1 900 555", "website": one.company or one.email.partition("@")[2]}
    world.send(WEBSITE, "group", at, userId=f"t{number}x", groupId=f"evil-{number}", traits=traits)
    world.act(WEBSITE, at + timedelta(minutes=1), None, userId=f"t{number}x", context={"groupId": f"evil-{number}"})


@kind
def address_as_user_id(world: World, one: Human, other: Human) -> None:
    """With the page's key somebody goes by the address of a customer."""
    world.own(f"thief of {one.name}", WEBSITE, "user", one.email)
    world.act(WEBSITE, world.after(one), None, userId=one.email)


def attack(world: World, share: float) -> None:
    """Send hostile messages among the honest ones, until they are this share of all."""
    honest = len(world.sent)
    while len(world.sent) - honest < share * len(world.sent):
        one, other = world.rng.sample(world.people, 2)
        KINDS[world.rng.choice(sorted(KINDS))](world, one, other)
