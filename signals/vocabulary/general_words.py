"""Words that stand beside the name of a deed: those that change nothing, and those that change everything."""

from signals.vocabulary.naming import word_set

# A word beside the name that says nothing else: without one of these, or of the way's own, nothing is sure.
FILLER = word_set(
    "user customer account workspace team member org organization company app web website site mobile server client"
    " event track form page screen new the a an to of for in on by with via and my our your us it at this success"
    " complete finish submit send receive product platform v1 v2 api free has have was been is did now just backend"
    " frontend ui saas stripe paddle chargebee recurly tenant person lead visitor someone core public main"
)
# A word that makes it another event, unless a way asks for it or allows it.
OTHERWISE = word_set(
    "view see show display impression hover fail error abandon cancel decline reject revoke remove delete dismiss"
    " close skip expire remind reminder bounce undo edit update change rename disable disconnect uninstall deactivate"
    " archive restore reopen reassign assign escalate start begin initiate draft preview hide resend accept end"
    " download reset verify approve unsubscribe pause resume open visit read load warn warning approach near webhook"
    " deprecated test retry refund dispute reschedule ignore block duplicate sync schedule extend renew"
    " email notification survey upcoming copy"
)
# A click is not the deed, but the nearest that arrives at some companies: never sure.
HALF = word_set("click tap press attempt attempted button cta link intent request requested initiated prompt modal")

# What people make: which of it a product is for, its volume says.
MAKING = (
    word_set("create add new make"),
    word_set("publish send generate write draft upload book schedule submit place order host"),
    word_set("run build deploy launch post record save start finish complete"),
)
# Made in every product, and never what one is for.
NOT_AN_ITEM = word_set(
    "user account workspace team organization org company tenant member role permission token key secret webhook"
    " session tag label folder filter view comment profile password setting notification integration connection"
    " domain invite seat payment subscription plan trial customer person group error log reminder favorite bookmark"
    " quota import attachment avatar"
)
# Neither a feature nor worth a question.
NOT_A_FEATURE = word_set(
    "login logout session page pageview screen click button tap error exception crash heartbeat ping notification"
    " password setting profile email identify autocapture pageleave experiment flag load token verify mfa sso"
    " onboarding tour tooltip banner modal popup delivered bounce cookie consent locale language theme update"
    " install uninstall application background foreground web vital performance delete remove archive cancel fail"
    " expire end survey nps feedback rate rating search help docs documentation accept decline renew key"
)
# Things that a vendor has and some products are made for, and deeds that say that it is the product's own.
VENDORS_TOO = word_set(
    "invoice ticket case payment card import contact meeting call conversation order charge demo limit quota"
    " integration webhook checkout register upload survey term policy security contract question quote support chat"
    " bill"
)
WORKED_ON = word_set(
    "create send edit update delete share draft duplicate archive rename publish assign export approve issue remind"
    " void merge tag reply schedule freeze reconcile categorize match sign import add"
)
# Where these are worked on, tickets are the product's own, and so are their ratings.
HELP_DESK = word_set("ticket case conversation support chat")
OUR_BILLING = word_set("plan subscription billing stripe paddle chargebee recurly seat period interval")
