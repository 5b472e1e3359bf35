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
    "{% if commercial_tickets_7 > 0 and commercial_tickets_7 == tickets_7 %}, about plans, limits or security"
    "{% elsif commercial_tickets_7 > 0 %}, {{ commercial_tickets_7 }} of them about plans, limits or security"
    "{% endif %}.{% else %}Your team has been in touch with our support team.{% endif %}"
)
OUTGROWING = (
    "{% if limit_words and people_active_30_words %}Your team is using {{ limit_words }}, with " + ACTIVE + "."
    "{% elsif limit_words %}Your team is using {{ limit_words }}."
    "{% elsif premium_tries_30_words %}Your team has tried features from a higher plan {{ premium_tries_30_words }} in "
    "the last 30 days{% if people_active_30_words %}, with {{ people_active_30_words }} active{% endif %}."
    "{% else %}Your team has " + ACTIVE + ".{% endif %}"
)
FOOTPRINT = (
    "{{ workspaces_words | capitalize }} at {{ account.name }} use " + US + ", each on its own"
    "{% if people_active_30_words %}: {{ people_active_30_words }} active in the last 30 days"
    "{% if seats_used_words %}, {{ seats_used_words }} in use overall{% endif %}{% endif %}."
)
AT_WORK = (
    "{% if people_active_30_words %}Your team at {{ account.name }} already uses " + US + ": "
    "" + ACTIVE + MOSTLY + ".{% else %}Your team at {{ account.name }} has been trying " + US + ".{% endif %}"
)
STUCK = (
    "{% if imports_failed_14_words and first_values == 0 %}{{ imports_failed_14_words | capitalize }} of your team did "
    "not go through in the last 14 days. Often it comes down to the format of one column, and that is a quick fix."
    "{% elsif imports_started_14_words and first_values == 0 %}Your team has started {{ imports_started_14_words }} in "
    "the last 14 days, and setup is not finished yet. That is the fiddly part, and I am happy to help with it."
    "{% elsif age_days_words and first_values == 0 %}It has been {{ age_days_words }} since your team signed up, and "
    "setup is not finished yet. The first steps are the fiddly ones, and I am happy to help with them."
    "{% elsif age_days_words %}It has been {{ age_days_words }} since your team signed up"
    "{% if people_active_30_words %}, with {{ people_active_30_words }} active in the last 30 days{% endif %}."
    "{% else %}Your team has just started with " + US + ".{% endif %}"
)
YOU_ASKED = (
    "{% if asked_by_you and words %}Thanks for your message: “{{ words }}”"
    "{% elsif asked_by_you %}Thanks for getting in touch."
    "{% else %}Someone at {{ account.name }} got in touch with us, and I want to make sure you get a good answer."
    "{% endif %}"
)
KNOWING = (
    "{% if people_active_30_words %}So that I do not cover what you already know: I can see "
    "{{ people_active_30_words }} active on your team in the last 30 days" + MOSTLY + "."
    "{% else %}To point you in the right direction: what would you like to use it for?{% endif %}"
)

# play: {persona: (subject, what stands between greeting and name)}
MESSAGES: dict[str, dict[str, tuple[str, str]]] = {
    "hand-raisers": {
        USER: (
            "{% if asked_by_you %}Your question{% else %}A question from your team{% endif %}",
            YOU_ASKED + "\n\n" + KNOWING + "\n\n"
            "A short call is the quickest way. Does today or tomorrow work for you? If you would rather have it in "
            "writing, just reply and I will send it over.",
        ),
        CHAMPION: (
            "{% if asked_by_you %}Your question{% else %}A question from your team{% endif %}",
            YOU_ASKED + "\n\n" + KNOWING + "\n\n"
            "I can walk you through it in your own workspace in fifteen minutes, with anyone who should see it. "
            "Would tomorrow or the day after work?",
        ),
        ADMIN: (
            "{% if asked_by_you %}Your question{% else %}A question from your team{% endif %}",
            YOU_ASKED + "\n\n" + KNOWING + "\n\n"
            "If it is about sign-on, roles or data, I will bring the colleague who knows our side best. "
            "When would you have fifteen minutes?",
        ),
        BUYER: (
            "{% if asked_by_you %}Your question{% else %}A question from {{ account.name }}{% endif %}",
            YOU_ASKED + "\n\n"
            "{% if people_active_30_words %}For context: {{ account.name }} has " + ACTIVE + MOSTLY + "."
            "{% endif %}\n\n"
            "I can answer in writing today, or in a fifteen-minute call. Which do you prefer?",
        ),
    },
    "support-loop": {
        USER: (
            "Is this resolved for you?",
            TICKETS + "\n\n"
            "First of all, I want to make sure this is resolved. Is anything still open, or fixed in a way that does "
            "not help you? One line is enough, and I will take it to the person who can change it.",
        ),
        CHAMPION: (
            "Is this resolved for your team?",
            TICKETS + "\n\n"
            "First of all, I want to make sure this is resolved for everyone. If something is still in your way, tell "
            "me in one line: I will look after it myself and pass what we learn on to our product team.",
        ),
        ADMIN: (
            "Your {% if tickets_7 == 1 %}ticket{% else %}tickets{% endif %} with us",
            TICKETS + "\n\n"
            "First of all, I want to make sure this is resolved. If anything is still open, I will follow it through "
            "until it is fixed and let you know.\n\n"
            "And if the answer was “not on this plan”, tell me that too: I would like to understand what you "
            "needed it for.",
        ),
        BUYER: (
            "Your team’s support requests",
            TICKETS + "\n\n"
            "I am following up so that no one at {{ account.name }} has to ask twice. Have you heard anything about "
            "it that I should know?",
        ),
    },
    "consolidation": {
        USER: (
            "Other teams at {{ account.name }}",
            FOOTPRINT + "\n\n"
            "You may like to know that you are not the only team using it. Who at {{ account.name }} looks after tools "
            "that several teams share? I would like to show them the whole picture.",
        ),
        CHAMPION: (
            "{{ workspaces_words | capitalize }}, one company",
            FOOTPRINT + "\n\n"
            "Together they could share people, work and a single bill. "
            "Would you have twenty minutes to look at this with me before I talk to anyone else?",
        ),
        ADMIN: (
            "{{ workspaces_words | capitalize }} at {{ account.name }}",
            FOOTPRINT + "\n\n"
            "I can outline what bringing them together would mean for sign-on, roles and data, and what would stay "
            "as it is. Shall I send you a one-page summary?",
        ),
        BUYER: (
            "{{ workspaces_words | capitalize }} at {{ account.name }}, one contract",
            FOOTPRINT + "\n\n"
            "One agreement could cover all of them, with one renewal date, one bill and one point of contact. Shall I "
            "send you a one-page summary of what that would look like?",
        ),
    },
    "expansion": {
        USER: (
            "{% if limit_words %}Before you run into the limit{% else %}Your team is growing{% endif %}",
            OUTGROWING + "\n\n"
            "I would rather let whoever looks after your plan know now than have you run into it mid-task. "
            "Who would that be at {{ account.name }}?",
        ),
        CHAMPION: (
            "{% if limit_words %}Room for your team{% elsif premium_tries_30_words %}What your team has been trying"
            "{% else %}Your team is growing{% endif %}",
            OUTGROWING + "\n\n"
            "{% if limit_words %}I can make room before anyone has to wait for it"
            "{% elsif premium_tries_30_words %}I can unlock those features for your team for a while, so that you can "
            "see whether they are worth it{% else %}I can show you what other teams of your size set up at this "
            "point{% endif %}. Would fifteen minutes this week work for you?",
        ),
        ADMIN: (
            "{% if limit_words %}{{ limit_words }} in use{% else %}Your workspace is getting busier{% endif %}",
            OUTGROWING + "\n\n"
            "{% if limit_words %}There are two options: I raise the limit, or we go through what is no longer "
            "being used. Which would you prefer?{% else %}Is there anything on your side, such as sign-on, roles or "
            "billing, that should be sorted out before more people join?{% endif %}",
        ),
        BUYER: (
            "What {{ account.name }} uses today",
            OUTGROWING + "\n\n"
            "I would like to plan the next step with you before the team has to ask. Could we go through the numbers "
            "in twenty minutes next week?",
        ),
    },
    "warm-outbound": {
        USER: (
            "What would make it easier?",
            AT_WORK + "\n\n"
            "{% if limit_hits_30_words %}I can see that your team has hit the plan’s limits {{ limit_hits_30_words }} "
            "in that time. {% endif %}What is the one thing that has got in your way so far? I read every reply.",
        ),
        CHAMPION: (
            "What your team has built so far",
            AT_WORK + "\n\n"
            "{% if limit_hits_30_words %}Your team has hit the plan’s limits {{ limit_hits_30_words }} in that time. "
            "{% endif %}If you want to keep using it, someone will have to make that call. Who would that be at "
            "{{ account.name }}, and what would they want to know? I can write it up for you.",
        ),
        ADMIN: (
            "Before more of your colleagues join",
            AT_WORK + "\n\n"
            "Do you have any questions about sign-on, roles, data or billing before more people start using it? Send "
            "them over and you will have the answers in writing.",
        ),
        BUYER: (
            "What your team already does with " + US,
            AT_WORK + "\n\n"
            "{% if limit_hits_30_words %}They have hit the plan’s limits {{ limit_hits_30_words }} in that time. "
            "{% endif %}I do not want to guess what that is worth to you. "
            "Could I take fifteen minutes to show you what they use it for?",
        ),
    },
    "sales-assist": {
        USER: (
            "{% if imports_failed_14_words and first_values == 0 %}Your import{% elsif first_values == 0 %}"
            "Can I help you set it up?{% else %}How is it going?{% endif %}",
            STUCK + "\n\n"
            "{% if imports_failed_14_words and first_values == 0 %}Send me the file, or just the first few lines, and "
            "I will send it back ready to import.{% else %}What would you like to get working first? I can set it up "
            "with you in fifteen minutes, or send you the steps in writing.{% endif %}",
        ),
        CHAMPION: (
            "{% if first_values == 0 %}Shall we finish setup together?{% else %}How is it going?{% endif %}",
            STUCK + "\n\n"
            "What should it do for your team by the end of this week? Tell me in a sentence and I will prepare it, so "
            "that everyone else only has to join.",
        ),
        ADMIN: (
            "{% if first_values == 0 %}Setting up your workspace{% else %}Is anything missing?{% endif %}",
            STUCK + "\n\n"
            "I can go through imports, invitations and roles with you in twenty minutes, using your own data. When "
            "would suit you?",
        ),
        BUYER: (
            "{% if first_values == 0 %}Shall I set it up with you?{% else %}How is it going?{% endif %}",
            STUCK + "\n\n"
            "So that you can judge it on your own work rather than an empty page: what is one thing you would like to "
            "see working? I will set it up for you; there is nothing to decide yet.",
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
