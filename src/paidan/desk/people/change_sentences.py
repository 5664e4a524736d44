"""One sentence for every kind of change the log can hold; a test finds kinds without one.

A kind is what `record_change` was given: "<thing>.<what was done>". Placeholders: `of` is the name of the thing,
`number` how many, `count` the same written out; every other is a value of the change. A pair is singular and plural,
by `number`. The subject is whoever did it, in the column beside: “Paused Guangzhou”.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

Sentence = str | Promise

ACCOUNTS: dict[str, Sentence] = {
    "session.opened": _("Signed in"),
    "password.changed": _("Changed their own password"),
    "password.chosen": _("Chose a password by invitation"),
    "user.added": _("Added the user %(of)s"),
    "user.changed": _("Changed the user %(of)s"),
    "user.limited": _("Changed where %(of)s may act"),
    "user.password_set": _("Set the password of %(of)s"),
    "user.password_taken": _("Took the password of %(of)s away"),
    "user.invited": _("Invited %(of)s to choose a new password"),
    "user.sessions_ended": _("Signed %(of)s out everywhere"),
    "token.added": _("Made the API token %(of)s"),
    "token.limited": _("Limited the API token %(of)s"),
    "token.revoked": _("Revoked the API token %(of)s"),
    "credential.added": _("Let the program %(of)s in"),
    "credential.limited": _("Limited the program %(of)s"),
    "credential.revoked": _("Shut the program %(of)s out"),
}

NETWORK: dict[str, Sentence] = {
    "warehouse.paused": _("Paused %(of)s"),
    "warehouse.resumed": _("Let %(of)s take orders again"),
    "rebalance.nightly_set": _("Set the nightly rebalance"),
    "ratios.set": _("Set the ratios"),
    "warehouse.planned": _("Planned the ratio or capacity of %(of)s"),
    "team.planned": _("Planned the ratio or capacity of %(of)s"),
    "warehouse.plan_applied": _("A planned time began for %(of)s"),
    "team.plan_applied": _("A planned time began for %(of)s"),
    "team_ratios.set": _("Set how the teams of %(of)s share its orders"),
    "warehouse.files_on": _("Had files written for %(of)s"),
    "warehouse.files_off": _("Ended the files for %(of)s"),
    "warehouse.day": _("Changed a day of the calendar of %(of)s"),
    "warehouse.created": _("Added the warehouse %(of)s"),
    "warehouse.changed": _("Changed the warehouse %(of)s"),
    "team.created": _("Added the team %(of)s"),
    "team.changed": _("Changed the team %(of)s"),
    "shop.created": _("Added the shop %(of)s"),
    "shop.changed": _("Changed the shop %(of)s"),
    "checks.changed": _("Changed the order check"),
    "checks.lists_changed": _("Changed the words of remarks or the blacklist"),
    "shop.hook_kept": _("Kept the secret %(of)s's platform signs with"),
    "shop.hook_removed": _("Removed the secret %(of)s's platform signs with"),
    "promotion.created": _("Added the promotion %(of)s"),
    "promotion.changed": _("Changed the promotion %(of)s"),
    "freight.changed": _("Changed freight from %(of)s"),
    "freight.imported": _("Imported a freight table"),
}

GOODS: dict[str, Sentence] = {
    "shop_sku.mapped": _("Mapped a shop's SKU code for %(of)s"),
    "sku.added": _("Added the SKU %(of)s"),
    "sku.changed": _("Changed the SKU %(of)s"),
    "bundle.changed": _("Changed the parts of the bundle %(of)s"),
    "stock.adjusted": _("Adjusted stock"),
    "stock.adjustment_undone": _("Took an adjustment of stock back"),
    "file.imported": _("Imported the file %(of)s"),
}

RULES: dict[str, Sentence] = {
    "reminder.acknowledged": _("Took a reminder on"),
    "reminder.watched": _("Changed what is watched"),
    "reminder.dropped": _("Stopped watching something"),
    "channel.changed": _("Changed the channel %(of)s"),
    "report.scheduled": _("Had the report %(of)s sent regularly"),
    "report.unscheduled": _("Had the report %(of)s sent no more"),
    "webhook.added": _("Set up the webhook %(of)s"),
    "webhook.changed": _("Changed the webhook %(of)s"),
    "webhook.switched_on": _("Switched the webhook %(of)s on"),
    "webhook.switched_off": _("Switched the webhook %(of)s off"),
    "webhook.removed": _("Removed the webhook %(of)s"),
    "webhook.secret_exchanged": _("Exchanged the secret of the webhook %(of)s"),
    "webhook.sent_again": ngettext_lazy("Sent %(count)s message again", "Sent %(count)s messages again", "number"),
    "rule.saved": _("Wrote the rule %(rule)s in the draft"),
    "rule.moved": _("Moved the rule %(rule)s in the draft"),
    "rule.switched": _("Switched the rule %(rule)s in the draft"),
    "rule.copied": _("Copied the rule %(rule)s in the draft"),
    "rule.removed": _("Removed the rule %(rule)s from the draft"),
    "rules.discarded": _("Threw the draft of the rules away"),
    "rules.imported": _("Brought the draft v%(version)s of the rules in from a file"),
    "rules.published": _("Published the rules v%(version)s"),
    "look_ahead.on": _("Switched looking ahead on, %(days)s days far"),
    "look_ahead.off": _("Switched looking ahead off"),
    "rules.rolled_back": _("Went back to the rules v%(to)s, as v%(version)s"),
    "rules.waves": _("Changed in the draft how waves decide"),
}

ORDER: dict[str, Sentence] = {
    "order.allocated": _("Had order %(of)s allocated"),
    "order.assigned": _("Assigned order %(of)s"),
    "order.split": _("Split order %(of)s"),
    "order.held": _("Held order %(of)s"),
    "order.released": _("Released order %(of)s"),
    "order.tagged": _("Tagged order %(of)s"),
    "order.untagged": _("Took a tag off order %(of)s"),
    "order.cancelled": _("Cancelled order %(of)s"),
    "order.merged": _("Merged order %(of)s with others"),
    "order.unmerged": _("Undid the merge of order %(of)s"),
    "order.carrier_changed": _("Changed the carrier of order %(of)s"),
    "order.address_fixed": _("Fixed the address of order %(of)s"),
    "order.remark_changed": _("Changed the remark of order %(of)s"),
    "order.exception_opened": _("Reported an exception on order %(of)s"),
    "order.exception_resolved": _("Resolved an exception of order %(of)s"),
    "buyer.revealed": _("Looked at the buyer of order %(of)s"),
    "buyer.sent": ngettext_lazy("Read the buyer of %(count)s order", "Read the buyers of %(count)s orders", "number"),
}

ORDERS: dict[str, Sentence] = {
    "orders.allocated": ngettext_lazy("Had %(count)s order allocated", "Had %(count)s orders allocated", "number"),
    "orders.assigned": ngettext_lazy("Assigned %(count)s order", "Assigned %(count)s orders", "number"),
    "orders.held": ngettext_lazy("Held %(count)s order", "Held %(count)s orders", "number"),
    "orders.released": ngettext_lazy("Released %(count)s order", "Released %(count)s orders", "number"),
    "orders.tagged": ngettext_lazy("Tagged %(count)s order", "Tagged %(count)s orders", "number"),
    "orders.carrier_changed": ngettext_lazy(
        "Changed the carrier of %(count)s order", "Changed the carrier of %(count)s orders", "number"
    ),
    "orders.exception_opened": ngettext_lazy(
        "Reported an exception on %(count)s order", "Reported an exception on %(count)s orders", "number"
    ),
    "orders.cancelled": ngettext_lazy("Cancelled %(count)s order", "Cancelled %(count)s orders", "number"),
    "orders.entrusted": ngettext_lazy("Entrusted %(count)s order", "Entrusted %(count)s orders", "number"),
    "orders.given_back": ngettext_lazy(
        "Gave what held orders kept to %(count)s order", "Gave what held orders kept to %(count)s orders", "number"
    ),
    "exceptions.resolved": ngettext_lazy("Settled %(count)s exception", "Settled %(count)s exceptions", "number"),
    "exceptions.entrusted": ngettext_lazy("Entrusted %(count)s exception", "Entrusted %(count)s exceptions", "number"),
    "intercepts.confirmed": ngettext_lazy("Confirmed %(count)s intercept", "Confirmed %(count)s intercepts", "number"),
    "intercepts.refused": ngettext_lazy("Refused %(count)s intercept", "Refused %(count)s intercepts", "number"),
    "shortages.relieved": ngettext_lazy("Relieved %(count)s shortage", "Relieved %(count)s shortages", "number"),
    "orders.merged": ngettext_lazy("Merged %(count)s order", "Merged %(count)s orders", "number"),
    "orders.unmerged": ngettext_lazy(
        "Undid the merge of %(count)s order", "Undid the merge of %(count)s orders", "number"
    ),
}

ALLOCATIONS: dict[str, Sentence] = {
    "allocation.accepted": _("Accepted order %(order)s"),
    "allocation.picked": _("Picked order %(order)s"),
    "allocation.packed": _("Packed order %(order)s"),
    "allocation.shipped": _("Shipped order %(order)s"),
    "allocation.stepped": _("Took a parcel of order %(of)s one step further"),
    "allocation.cancelled": _("Took a parcel of order %(of)s back"),
    "allocation.reported": _("Reported a problem with order %(order)s"),
    "allocation.handed_back": _("Handed order %(order)s back"),
    "allocation.waybill_corrected": _("Corrected the tracking number of order %(order)s"),
    "intercept.confirmed": _("Stopped order %(order)s as asked"),
    "intercept.refused": _("Could not stop order %(order)s any more"),
    "allocations.accepted": ngettext_lazy(
        "%(of)s accepted %(count)s order", "%(of)s accepted %(count)s orders", "number"
    ),
    "allocations.unaccepted": ngettext_lazy(
        "%(of)s took back the acceptance of %(count)s order",
        "%(of)s took back the acceptance of %(count)s orders",
        "number",
    ),
    "allocations.picked": ngettext_lazy("%(of)s picked %(count)s order", "%(of)s picked %(count)s orders", "number"),
    "allocations.packed": ngettext_lazy("%(of)s packed %(count)s order", "%(of)s packed %(count)s orders", "number"),
    "allocations.handed_back": ngettext_lazy(
        "%(of)s handed back %(count)s order", "%(of)s handed back %(count)s orders", "number"
    ),
    "allocations.reported": ngettext_lazy(
        "%(of)s reported a problem with %(count)s order", "%(of)s reported a problem with %(count)s orders", "number"
    ),
    "allocations.relieved": ngettext_lazy(
        "Moved %(count)s parcel to %(of)s", "Moved %(count)s parcels to %(of)s", "number"
    ),
    "allocations.moved": ngettext_lazy(
        "Moved %(count)s parcel to %(of)s", "Moved %(count)s parcels to %(of)s", "number"
    ),
    "allocations.rebalanced": ngettext_lazy(
        "Rebalanced: %(count)s parcel moved", "Rebalanced: %(count)s parcels moved", "number"
    ),
    "allocations.rebalanced_nightly": ngettext_lazy(
        "Rebalanced at night: %(count)s parcel moved", "Rebalanced at night: %(count)s parcels moved", "number"
    ),
    "allocations.moved_back": ngettext_lazy("Moved %(count)s parcel back", "Moved %(count)s parcels back", "number"),
}

SENTENCES: dict[str, Sentence] = {**ACCOUNTS, **NETWORK, **GOODS, **RULES, **ORDER, **ORDERS, **ALLOCATIONS}
UNDONE = ".undone"
"""Behind a kind: the same, taken back."""
