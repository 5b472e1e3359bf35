"""How traits are named that mean a term, of people and of companies."""

from signals.vocabulary.key_words import ROLE_WORDS, KeyWay
from signals.vocabulary.naming import plain_words

_JOBS = plain_words(
    "ceo cto cfo coo cmo cio ciso vp head director manager engineer developer designer analyst founder lead officer"
    " marketer consultant architect accountant coordinator specialist president administrator assistant recruiter"
    " scientist product owner chief cofounder partner controller bookkeeper teacher nurse associate executive"
)
_SALUTATIONS = plain_words("mr mrs ms dr prof mx miss sir")
_PERMISSIONS = plain_words("admin administrator owner member viewer editor guest superadmin superuser collaborator")
_SENIOR = plain_words(
    "senior junior mid manager director vp c executive entry lead principal staff ic intern head"
    " cxo founder clevel csuite level individual contributor associate"
)
_DEPARTMENTS = plain_words(
    "engineering marketing sales finance hr it operations product design legal support customer"
    " success people data security procurement success research management admin accounting ops"
    " development growth content editorial recruiting talent"
)
_PLATFORMS = plain_words("web ios android api sdk mobile desktop server backend frontend")
_CHANNELS = plain_words(
    "google organic referral ads adwords newsletter linkedin twitter facebook podcast conference"
    " friend partner search blog youtube producthunt g2 capterra direct email outbound event webinar"
    " social paid colleague github reddit marketplace word community affiliate cpc"
)

TRAIT_WAYS: dict[str, KeyWay] = {
    "company_name": KeyWay(
        names=(
            "name, company name, company, organization, display name, legal name, organization name, org name, "
            "employer, business name, workspace name, team name, account name, org, customer name, business, firm, "
            "firm name, tenant, tenant name, customer"
        ),
        weak="label",
        value=("words",),
        without="first user domain plan",
    ),
    "website": KeyWay(
        names="website, domain, homepage, web address, site, web, domain name, site address",
        weak="url",
        value=("url",),
        without="logo avatar callback custom allowed sso",
    ),
    "plan": KeyWay(
        names=(
            "plan, plan name, subscription plan, tier, plan tier, billing plan, pricing plan, plan type, "
            "subscription tier, plan slug, plan key, plan code, price plan, edition, package, plan level, product "
            "plan, pricing tier, product tier, plan title"
        ),
        weak=(
            "subscription, subscription type, subscription level, license type, product, sku, offer, service "
            "level, plan handle, plan id, plan number"
        ),
        without="from interval period amount trial price_id seat limit credit",
    ),
    "paying": KeyWay(
        names=(
            "pay, is pay, paid, is paid, is customer, pay customer, paid customer, active subscription, has "
            "subscription, paid account, has paid, has paid plan, subscription active, paid plan, is subscriber"
        ),
        weak="customer, subscribe, premium, is premium, billable, billing active, billed",
        value=("yes_no",),
        without="ever trial",
    ),
    "monthly_revenue": KeyWay(
        names=(
            "mrr, month recur revenue, month revenue, mrr cent, mrr usd, mrr eur, month spend, recur revenue, "
            "month amount, month price, month recur, month bill, revenue month, mrr amount, mrr gbp, amount per "
            "month, price per month, month fee, spend month, month payment, arr, year recur revenue, arr usd, arr "
            "eur, arr cent, arr gbp, month charge, month total, revenue per month"
        ),
        weak=(
            "spend, plan price, subscription amount, acv, year contract value, contract value, subscription "
            "value, billing amount, plan amount, bill, plan cost, contract amount, year spend, year price, year "
            "amount, subscription price"
        ),
        value=("money",),
        without="lifetime total ltv seat average gross ad budget spend_limit credit",
    ),
    "currency": KeyWay(names="currency, currency code, billing currency, invoice currency", value=("currency",)),
    "seats": KeyWay(
        names=(
            "seat, seat count, seat total, total seat, license, license count, seat limit, seat purchased, paid "
            "seat, user limit, max user, seat allowed, seat included, max seat, license total, seat bought, "
            "purchased seat, seat quota, number of seat, seat licensed, license purchased, total license, seat "
            "available, user license, license seat, member limit, max member, user seat, included seat, seat max, "
            "license limit, num seat, seat quantity, contracted seat, seat paid, user allowed, seat cap, license "
            "bought"
        ),
        weak="user quota, quantity, user included, license quantity, agent limit, user max, member allowed",
        value=("number",),
        without="used use active filled taken assigned occupied price invited free open",
    ),
    "seats_used": KeyWay(
        names=(
            "seat used, used seat, seat taken, seat filled, active seat, occupied seat, seat in use, seat "
            "assigned, assigned seat, license used, used license, license assigned, seat active, seat occupied, "
            "seat use, license in use, user used, member used, license active, license taken, filled seat, seat "
            "usage, assigned license, taken seat, active license, seat used count, seat consumed, current seat"
        ),
        weak=(
            "user count, member count, active user, user total, active member, member, user, total user, number "
            "of user, num user, team size, current user"
        ),
        value=("number",),
        without="limit max allowed quota invited month week day",
    ),
    "employees": KeyWay(
        names=(
            "employee, employee count, company size, headcount, number of employee, num employee, employee range, "
            "organization size, org size, staff count, business size, staff, employee number, total employee, "
            "employee band, workforce, company headcount, employee total, team employee"
        ),
        weak="size, company size range, size range, size band, size bucket, firm size, team size, account size",
        value=("range",),
        without="storage file disk page font db gb screen",
    ),
    "industry": KeyWay(
        names=(
            "industry, sector, vertical, business sector, industry name, market sector, trade, line of business, "
            "market vertical, industry sector, naics, branch"
        ),
        weak="market, segment, business type, field, niche, category, business",
        value=("words",),
        without="code group",
    ),
    "country": KeyWay(
        names=(
            "country, country code, billing country, address country, headquarter country, hq country, location "
            "country, country name, iso country, geo country, billing address country, country iso"
        ),
        weak="nation, hq, market country, location, pays, based, base",
        value=("words",),
        without="phone ip calling language",
    ),
    "company_created_at": KeyWay(
        names=(
            "create at, create on, create, create date, signup date, signup at, customer since, since, register "
            "at, date create, signup on, join at, register on, member since, open at, start at, open on, founded "
            "in app, create time, creation date, signup"
        ),
        weak="start date, begin at, active since, start, onboard at, onboarding at, onboarding on, onboarding date",
        value=("date",),
        without="trial subscription plan contract user update",
    ),
    "trial_ends": KeyWay(
        names=(
            "trial end, trial end at, trial end on, trial end date, trial expire, trial expire at, trial until, "
            "trial expire on, trial expire date, trial over at, trial close at, trial valid until, trial stop at, "
            "trial end time, trial till, trial deadline"
        ),
        weak="trial, trial date, trial period end, trial runs out",
        value=("date",),
        without="start begin is active day",
    ),
    "renewal": KeyWay(
        names=(
            "renew, renew date, renew at, renew on, next renew, contract end, contract end date, contract renew, "
            "subscription renew, subscription renew at, contract end at, contract end on, renew due, subscription "
            "end, current period end, subscription end at, period end, plan renew, plan renew at, contract until, "
            "contract expire, contract renew date, contract renew at, subscription renew on, contract renew on, "
            "plan renew on, term end, subscription end date, plan expire, paid until, contract expire at, "
            "subscription expire, subscription expire at, license expire, renew day"
        ),
        weak=("next billing date, next invoice, next bill, billing date, next charge, expire, expire at, valid until"),
        value=("date",),
        without="trial last create start",
    ),
    "tools": KeyWay(
        names=(
            "tool, tool used, tech stack, technology, stack, integration, connected app, connected tool, tool in "
            "use, used tool, integration connected, current tool, tech, software used, connected integration, "
            "integration enabled, other tool, existing tool, installed app, enabled integration, app connected"
        ),
        weak="app, system, software, connector, platform used, current solution",
        value=("words",),
        without="count number",
    ),
    "person_name": KeyWay(
        names="name, full name, display name, real name, person name, complete name",
        weak="label",
        value=("words",),
        without="nick company",
    ),
    "first_name": KeyWay(
        names="firstname, given name, fname, forename, name first, first, givenname, name given",
        value=("words",),
        without="touch visit seen login",
    ),
    "last_name": KeyWay(
        names="lastname, family name, surname, lname, name last, last, familyname, name family",
        value=("words",),
        without="touch visit seen login",
    ),
    "email": KeyWay(
        names="email, email address, mail, work email, business email, mail address, primary email",
        weak="contact",
        value=("address",),
        without="verified opt billing subscribe consent domain secondary manager finance",
    ),
    "title": KeyWay(
        names=(
            "title, jobtitle, job, position, job role, occupation, profession, job position, work title, job "
            "function title"
        ),
        weak="role, function, designation, headline, role in company, company role, role at company",
        value=("words",),
        without="page document salutation",
        known=_JOBS,
        not_known=_SALUTATIONS | _PERMISSIONS,
    ),
    "department": KeyWay(
        names="department, dept, division, business unit, job function, department name, org unit, team name",
        weak="team, function, area, unit, group, discipline, field",
        value=("words",),
        without="id",
        known=_DEPARTMENTS,
    ),
    "seniority": KeyWay(
        names=(
            "seniority, seniority level, job level, job seniority, career level, management level, experience "
            "level, career stage"
        ),
        weak="level, rank, grade, experience, job grade",
        value=("words",),
        without="access game",
        known=_SENIOR,
    ),
    "role": KeyWay(
        names=(
            "role, user role, permission, permission level, access level, access role, workspace role, account "
            "role, member role, team role, app role, product role, access, user type, member type, permission "
            "role, organization role, access right, role name, membership"
        ),
        weak="type, level, kind, is admin, admin, is owner, right, privilege, seat type, access type",
        without="job",
        known=ROLE_WORDS,
    ),
    "created_at": KeyWay(
        names=(
            "create at, create on, create, create date, signup date, signup at, register at, signup on, join at, "
            "member since, user since, join date, date join, registered, register date, register on, join on, "
            "date create, create time, joined, creation date, signup time, since, signup"
        ),
        weak="first seen, start at, start date, active since, enrolled at, onboard at, onboarding at, onboarding on",
        value=("date",),
        without="trial subscription plan update birth login",
    ),
    "phone": KeyWay(
        names=(
            "phone, phone number, mobile, telephone, mobile number, tel, cell, mobile phone, work phone, cell "
            "phone, direct line, telephone number, contact number, phone work, direct dial"
        ),
        weak="number, contact",
        value=("phone",),
        without="verified country type",
    ),
    "profile_url": KeyWay(
        names=(
            "linkedin, linkedin profile, profile, profile url, linkedin url, social profile, public profile, "
            "linkedin page, linkedin address, profile page, profile address, social, xing, profile web, profile website"
        ),
        weak="twitter, website, social handle, bio",
        value=("url",),
        without="avatar image picture photo company",
    ),
    "use_case": KeyWay(
        names=(
            "usecase, goal, intent, primary usecase, main usecase, intended use, job to be done, purpose, main "
            "goal, primary goal, use for, intended usecase, reason for signup, signup reason, signup goal, "
            "planned use, use"
        ),
        weak=(
            "reason, objective, need, motivation, plan to, looking for, problem, why, project type, what for, "
            "intention, usage intent, team goal"
        ),
        value=("words",),
        without="conversion step",
    ),
    "sign_up_source": KeyWay(
        names=(
            "signup source, utm source, acquisition source, acquisition channel, lead source, source, channel, "
            "referral source, heard from, how heard, initial source, initial utm source, traffic "
            "source, marketing source, marketing channel, attribution source, origin, registered from, signup "
            "channel, first touch source, first touch, first touch channel, original source, how did you hear, "
            "heard about, came from, register source, register via, signup from, hear about, how find, "
            "attribution, source channel, signup origin, referral, acquisition, campaign source, "
            "found via, found, found us, found through, initial channel, attribution channel"
        ),
        weak="referrer, initial referrer, campaign, utm campaign, medium, utm medium, via, signup campaign",
        value=("words", "url"),
        without="ip code data repository user at date",
        known=_CHANNELS,
        not_known=_PLATFORMS,
    ),
}
