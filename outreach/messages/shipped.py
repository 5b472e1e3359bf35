"""The messages that PLGCRM comes with, a play and a persona each. Data: what an admin changed is never written over.

Each is short, speaks of what their team does, and asks one thing. Sales assist and the support loop never sell.
A fact that may not be known stands inside a condition, so that few messages have a gap.
"""

from outreach.models import MessageTemplate, Persona, Play

USER, CHAMPION, ADMIN, BUYER = Persona.USER, Persona.CHAMPION, Persona.ADMIN, Persona.BUYER
HI = 'Hi {{ person.first_name | default: "there" }},\n\n'
BYE = "\n\n{{ rep.first_name }}"
US = '{{ product.name | default: "our product" }}'
ACTIVE = (
    "{{ people_active_30_words }} active in the last 30 days"
    "{% if growth_30_words %}, {{ growth_30_words }} in the 30 days before{% endif %}"
)
MOSTLY = "{% if top_features %}, mostly with {{ top_features }}{% endif %}"
TICKETS = (
    "{% if tickets_7_words %}Your team has sent us {{ tickets_7_words }} in the last 7 days"
    "{% if commercial_tickets_7 > 0 and commercial_tickets_7 == tickets_7 %}, on plan, limits or security"
    "{% elsif commercial_tickets_7 > 0 %}, {{ commercial_tickets_7 }} of them on plan, limits or security{% endif %}."
    "{% else %}Your team has been in touch with our support.{% endif %}"
)
OUTGROWING = (
    "{% if limit_words and people_active_30_words %}Your team is using {{ limit_words }}, with " + ACTIVE + "."
    "{% elsif limit_words %}Your team is using {{ limit_words }}."
    "{% elsif premium_tries_30_words %}Your team has tried features of a larger plan {{ premium_tries_30_words }} in "
    "the last 30 days{% if people_active_30_words %}, with {{ people_active_30_words }} active{% endif %}."
    "{% else %}Your team has " + ACTIVE + ".{% endif %}"
)
FOOTPRINT = (
    "{{ workspaces_words | capitalize }} at {{ account.name }} use " + US + ", each by itself"
    "{% if people_active_30_words %}: {{ people_active_30_words }} active in the last 30 days"
    "{% if seats_used_words %}, {{ seats_used_words }} in use together{% endif %}{% endif %}."
)
AT_WORK = (
    "{% if people_active_30_words %}Your team at {{ account.name }} already works with " + US + ": "
    "" + ACTIVE + MOSTLY + ".{% else %}Your team at {{ account.name }} has been trying " + US + ".{% endif %}"
)
STUCK = (
    "{% if imports_failed_14_words and onboardings == 0 %}{{ imports_failed_14_words | capitalize }} of your team did "
    "not go through in the last 14 days. Often it is the format of a single column, which is quickly mended."
    "{% elsif imports_started_14_words and onboardings == 0 %}Your team has started {{ imports_started_14_words }} in "
    "the last 14 days, and the set-up is not finished yet. That is the fiddly part, and it is where I can help."
    "{% elsif age_days_words and onboardings == 0 %}It is {{ age_days_words }} since your team signed up, and the "
    "set-up is not finished yet. The first steps are the fiddly ones, and they are where I can help."
    "{% elsif age_days_words %}It is {{ age_days_words }} since your team signed up"
    "{% if people_active_30_words %}, with {{ people_active_30_words }} active in the last 30 days{% endif %}."
    "{% else %}Your team has just begun with " + US + ".{% endif %}"
)
YOU_ASKED = (
    "{% if asked_by_you and words %}Thank you for writing: “{{ words }}”"
    "{% elsif asked_by_you %}Thank you for getting in touch."
    "{% else %}Somebody at {{ account.name }} has got in touch with us, and I would like to answer well.{% endif %}"
)
KNOWING = (
    "{% if people_active_30_words %}So that I do not tell you what you know already: I see "
    "{{ people_active_30_words }} active in your team in the last 30 days" + MOSTLY + "."
    "{% else %}So that I answer the right thing: what would you like to use it for?{% endif %}"
)

# play: {persona: (subject, what stands between greeting and name)}
MESSAGES: dict[str, dict[str, tuple[str, str]]] = {
    "hand-raisers": {
        USER: (
            "{% if asked_by_you %}Your question{% else %}A question from your team{% endif %}",
            YOU_ASKED + "\n\n" + KNOWING + "\n\n"
            "The quickest way is a short call. Does today or tomorrow suit you? If you would rather have it in "
            "writing, answer with one line and I will send it.",
        ),
        CHAMPION: (
            "{% if asked_by_you %}Your question{% else %}A question from your team{% endif %}",
            YOU_ASKED + "\n\n" + KNOWING + "\n\n"
            "I can show the answer on your own workspace, in fifteen minutes and with whoever should see it. "
            "Which of the next two days suits you?",
        ),
        ADMIN: (
            "{% if asked_by_you %}Your question{% else %}A question from your team{% endif %}",
            YOU_ASKED + "\n\n" + KNOWING + "\n\n"
            "If it touches sign-on, roles or data, I bring the colleague who knows our side of it. "
            "When could we take fifteen minutes?",
        ),
        BUYER: (
            "{% if asked_by_you %}Your question{% else %}A question from {{ account.name }}{% endif %}",
            YOU_ASKED + "\n\n"
            "{% if people_active_30_words %}For the picture: {{ account.name }} has " + ACTIVE + MOSTLY + "."
            "{% endif %}\n\n"
            "I can answer in writing today, or in fifteen minutes on the phone. Which do you prefer?",
        ),
    },
    "support-loop": {
        USER: (
            "Is it solved for you?",
            TICKETS + "\n\n"
            "Before anything else I want to know whether it is solved. Is something still open, or mended in a way "
            "that does not help you? One line is enough, and I take it to the person who can change it.",
        ),
        CHAMPION: (
            "Is it solved for your team?",
            TICKETS + "\n\n"
            "Before anything else I want to know whether it is solved for everybody. If something is still in your "
            "way, tell me in one line: I take it on myself, and what we learn goes back to the people who build it.",
        ),
        ADMIN: (
            "Your {% if tickets_7 == 1 %}ticket{% else %}tickets{% endif %} with us",
            TICKETS + "\n\n"
            "First I want to be sure that it is solved. Is anything still open? Then I stay with it until it is "
            "mended, and tell you when.\n\n"
            "If the answer turned out to be “not on this plan”, tell me that too: I would like to know what you "
            "needed it for.",
        ),
        BUYER: (
            "Where our support stands with your team",
            TICKETS + "\n\n"
            "I am following this up so that nobody at {{ account.name }} has to ask twice. Is there anything about it "
            "that has reached you and that I should know?",
        ),
    },
    "consolidation": {
        USER: (
            "Other teams at {{ account.name }}",
            FOOTPRINT + "\n\n"
            "It may be useful to know that you are not alone with it. Who at {{ account.name }} looks after tools "
            "that several teams share? I would like to show them the whole picture.",
        ),
        CHAMPION: (
            "{{ workspaces_words | capitalize }}, one company",
            FOOTPRINT + "\n\n"
            "Brought together they could share people, work and one bill. "
            "Would you look at both with me for twenty minutes, before I speak to anybody else?",
        ),
        ADMIN: (
            "{{ workspaces_words | capitalize }} at {{ account.name }}",
            FOOTPRINT + "\n\n"
            "I can tell you what moving them under one roof would mean for sign-on, roles and data, and what would "
            "stay as it is. Shall I send you that on one page?",
        ),
        BUYER: (
            "{{ workspaces_words | capitalize }} at {{ account.name }}, one contract",
            FOOTPRINT + "\n\n"
            "One agreement could cover all of them, with one date, one bill and one person to speak to. Shall I send "
            "you what that would look like, on one page?",
        ),
    },
    "expansion": {
        USER: (
            "{% if limit_words %}Before you run into the limit{% else %}Your team is growing{% endif %}",
            OUTGROWING + "\n\n"
            "I would rather tell whoever looks after your plan now than have you find out in the middle of something. "
            "Who is that at {{ account.name }}?",
        ),
        CHAMPION: (
            "{% if limit_words %}Room for your team{% elsif premium_tries_30_words %}What your team has been trying"
            "{% else %}Your team is growing{% endif %}",
            OUTGROWING + "\n\n"
            "{% if limit_words %}I can make room before anybody has to wait for it"
            "{% elsif premium_tries_30_words %}I can open those features for your team for a while, so that you see "
            "whether they earn their place{% else %}I can show you what other teams of your size set up at this "
            "point{% endif %}. Would fifteen minutes this week suit you?",
        ),
        ADMIN: (
            "{% if limit_words %}{{ limit_words }} in use{% else %}Your workspace is getting busier{% endif %}",
            OUTGROWING + "\n\n"
            "{% if limit_words %}There are two ways: I raise the limit, or we look together for what is taken and not "
            "used any more. Which would you rather?{% else %}Is there anything on your side, such as sign-on, roles or "
            "the bill, that should be settled before more people join?{% endif %}",
        ),
        BUYER: (
            "What {{ account.name }} uses today",
            OUTGROWING + "\n\n"
            "I would like to plan the next step with you before the team has to ask for it. Could we take twenty "
            "minutes next week to go through the numbers?",
        ),
    },
    "warm-outbound": {
        USER: (
            "What would make it easier?",
            AT_WORK + "\n\n"
            "{% if limit_hits_30_words %}I see that the limits of your plan have come up {{ limit_hits_30_words }} in "
            "that time. {% endif %}What is the one thing that has got in your way so far? I read every answer.",
        ),
        CHAMPION: (
            "What your team has built so far",
            AT_WORK + "\n\n"
            "{% if limit_hits_30_words %}The limits of the plan have come up {{ limit_hits_30_words }} in that time. "
            "{% endif %}If it is to stay, somebody will have to decide about it. Who is that at {{ account.name }}, "
            "and what would they want to know? I can write it up for you.",
        ),
        ADMIN: (
            "Before more of your colleagues join",
            AT_WORK + "\n\n"
            "Is there anything about sign-on, roles, data or billing that you would need answered before more people "
            "use it? Tell me what it is, and you have the answer in writing.",
        ),
        BUYER: (
            "What your team already does with " + US,
            AT_WORK + "\n\n"
            "{% if limit_hits_30_words %}They have come up against the limits of the plan {{ limit_hits_30_words }} in "
            "that time. {% endif %}I do not want to guess from outside what it is worth to you. "
            "May I show you in fifteen minutes what they use it for?",
        ),
    },
    "sales-assist": {
        USER: (
            "{% if imports_failed_14_words and onboardings == 0 %}Your import{% elsif onboardings == 0 %}"
            "Can I help you to set it up?{% else %}How is it going?{% endif %}",
            STUCK + "\n\n"
            "{% if imports_failed_14_words and onboardings == 0 %}Send me the file, or the first lines of it, and you "
            "get it back ready to import.{% else %}What would you like to have working first? Tell me, and I set it up "
            "with you in a quarter of an hour, or send you the steps in writing.{% endif %}",
        ),
        CHAMPION: (
            "{% if onboardings == 0 %}Shall we finish the set-up together?{% else %}How is it going?{% endif %}",
            STUCK + "\n\n"
            "What should it do for your team by the end of this week? Tell me in a sentence, and I prepare it so that "
            "the others only have to join.",
        ),
        ADMIN: (
            "{% if onboardings == 0 %}Setting up your workspace{% else %}Is anything missing?{% endif %}",
            STUCK + "\n\n"
            "I can go through importing, inviting people and their roles with you, on your own data, in twenty "
            "minutes. When would that suit you?",
        ),
        BUYER: (
            "{% if onboardings == 0 %}Shall I set it up with you?{% else %}How is it going?{% endif %}",
            STUCK + "\n\n"
            "So that you can judge it by your own work and not by an empty page: what is one thing you would like to "
            "see working? I set it up for you; there is nothing to decide yet.",
        ),
    },
}


def ensure_templates() -> int:
    """Make those that are missing; how many."""
    before = MessageTemplate.objects.count()
    plays = dict(Play.objects.values_list("slug", "pk"))
    rows = [
        MessageTemplate(play_id=plays[slug], persona=persona, subject=subject, body=f"{HI}{body}{BYE}")
        for slug, by_persona in MESSAGES.items()
        if slug in plays
        for persona, (subject, body) in by_persona.items()
    ]
    MessageTemplate.objects.bulk_create(rows, ignore_conflicts=True)
    return MessageTemplate.objects.count() - before
