"""How properties are named that mean a term: the same for every signal that has it."""

from signals.vocabulary.key_words import KeyWay

PROPERTY_WAYS: dict[str, KeyWay] = {
    "text": KeyWay(
        names="message, question, comment, note, inquiry, text, request text, free text",
        weak="description, body, detail, content, request, ask, word, wish, feedback, remark, goal, what",
        value=("words",),
        without="id type version",
    ),
    "topic": KeyWay(
        names="topic, category, theme, about, area, subject area",
        weak="subject, type, kind, reason, interest, queue, tag, label, intent, product, plan, group",
        value=("words",),
        without="content source utm issue_id user",
    ),
    "limit": KeyWay(
        names=(
            "limit, limit name, limit type, limit kind, quota name, quota type, quota, resource, resource type, "
            "metric, dimension, which limit, limited"
        ),
        weak="feature, meter, kind, type, unit, entity, object, item, name, what, cap, thing, key, scope",
        value=("words",),
        without="plan user value",
    ),
    "used": KeyWay(
        names=(
            "used, usage, current usage, amount used, used count, consumed, in use, current count, usage count, "
            "current value, consumption"
        ),
        weak="current, count, value, total used, amount, number, actual, now, have, quantity, spent, size",
        value=("number",),
        without="limit allow max quota percent cap per remain",
    ),
    "allowed": KeyWay(
        names=(
            "allowed, limit, max, maximum, quota, cap, included, allowance, limit value, limit max, max allowed, "
            "plan limit, limit amount, quota limit, usage limit, ceiling, limit total"
        ),
        weak="threshold, total, available, entitlement, granted, of, out of, size, value, capacity",
        value=("number",),
        without="used usage remain percent",
    ),
    "file": KeyWay(
        names="file, filename, file title, import file, source file, upload file, original filename",
        weak="name, document, path, source, sheet, key, import, archive, dataset",
        value=("words",),
        without="size type format count row line extension id",
    ),
    "reason": KeyWay(
        names=(
            "reason, error, error message, fail reason, cause, error reason, message, fail message, error "
            "description, error detail"
        ),
        weak=(
            "error code, problem, detail, code, error type, exception, why, description, fail, result, "
            "explanation, issue"
        ),
        value=("words",),
        without="count number row line",
    ),
    "step": KeyWay(
        names=(
            "step, step title, task, stage, setup step, onboarding step, checklist item, step key, step slug, "
            "item, milestone, step label, task title, step number"
        ),
        weak="name, section, title, key, id, slug, phase, label, index, number, position, current, page",
        without="total count of duration out max",
    ),
    "of": KeyWay(
        names=(
            "of, total, total step, step total, step count, out of, number of step, total task, task total, max "
            "step, step max, num step"
        ),
        weak="count, step, length, all, last, max, size, item total",
        value=("number",),
        without="duration second ms time minute done",
    ),
    "ticket": KeyWay(
        names=(
            "ticket, ticket id, ticket number, ticket key, ticket ref, case, case number, conversation, "
            "ticket reference, case id, conversation id"
        ),
        weak=(
            "number, id, reference, ref, key, request, issue, chat, inquiry, thread, no, request id, request number, "
            "request no, chat id, thread id, issue id, inquiry id, help id, no case, ticket no, nr, ticket nr"
        ),
        without="user subject title type state status priority topic url agent channel account assignee",
    ),
    "subject": KeyWay(
        names="subject, title, headline, summary, ticket subject, subject line",
        weak="name, question, description, message, about",
        value=("words",),
        without="area",
    ),
    "requester": KeyWay(
        names=(
            "requester, requester email, requester address, reporter, reporter email, open by, requested by, "
            "submit by, submitter, raised by, submitter email, requestor, requestor email, author email, contact "
            "email, from email, customer email, user email, created by"
        ),
        weak="email, author, from, contact, customer, user, sender, creator, by, person, caller",
        without="agent assignee",
    ),
    "rating": KeyWay(
        names=(
            "rating, csat, score, satisfaction, star, csat score, satisfaction score, satisfaction rating, csat "
            "rating, rating value, stars, rating score, grade"
        ),
        weak="value, mark, point, happiness, smiley, result, thumb, answer, vote",
        without="max scale comment text of nps",
    ),
    "feature": KeyWay(
        names=(
            "feature, feature name, feature key, premium feature, capability, feature slug, feature title, function"
        ),
        weak="name, module, addon, what, tool, key, item, entitlement, section, area, component, gate, action",
        value=("words",),
        without="flag page user plan",
    ),
    "plans": KeyWay(
        names=(
            "plan, plan compared, compared plan, plan list, compared, tier, package, plan name, plan viewed, plan "
            "shown, tier compared"
        ),
        weak="option, selection, edition, offer, choice, product, with, between, candidate",
        value=("words",),
        without="current from",
    ),
    "plan": KeyWay(
        names=(
            "plan, plan name, new plan, tier, subscription plan, plan tier, package, edition, to plan, plan slug, "
            "plan key, plan code, plan to, subscription tier, target plan, product plan"
        ),
        weak=(
            "plan id, plan number, product, subscription, sku, price name, item, level, name, nickname, offer, "
            "lookup key"
        ),
        without="from interval period amount price_id trial type",
    ),
    "amount": KeyWay(
        names=(
            "amount, price, total, revenue, amount paid, amount cent, mrr, amount total, total amount, value, "
            "paid amount, amount due, total price, total cent, plan amount, price cent, month amount, amount usd, "
            "amount eur, month price, plan price, new mrr, grand total"
        ),
        weak=(
            "arr, sum, charge, cost, fee, subtotal, net, acv, contract value, unit amount, bill, paid, gross, "
            "year amount, payment"
        ),
        value=("money",),
        without="seat quantity tax count day",
    ),
    "currency": KeyWay(
        names="currency, currency code, iso currency, billing currency", weak="ccy, cur", value=("currency",)
    ),
    "period": KeyWay(
        names=(
            "period, interval, billing period, billing interval, billing cycle, cycle, cadence, billing "
            "frequency, frequency, term, plan interval, recurrence, billing term, billed, billing cadence, plan "
            "period, plan term, commitment, invoice period, subscription period, contract term"
        ),
        weak="duration, recurring, schedule, every, per, billing",
        value=("period",),
    ),
}
