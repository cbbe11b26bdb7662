"""Words that pages explain where they use them: the entries of docs/glossary.md, in the same words."""

GLOSSARY = {
    "verdict": "The rule's advice: invalid, stop, wait, keep, drop, review.",
    "snapshot": "The immutable result of one look; has a hash.",
    "precision": "How far the interval has shrunk to the width that the plan asked for, squared: at half of it, twice "
    "the people have to come.",
    "minimum worthwhile effect": "The least improvement of a goal that would repay the work.",
    "margin": "How much worse a guardrail may be and still be acceptable.",
    "exploratory": "Of a secondary metric or a group: worth an idea, and no reason to keep, as with many of them some "
    "look different by luck alone.",
    "shrunken": "Of a group's effect: moved towards the mean of all groups, as far as chance explains what sets them "
    "apart.",
    "win rate": "Of experiments decided from a valid answer of the rule, the share that was kept; with its interval.",
    "naive sum": "The effects of everything kept, as measured and added up: too good, as luck helped winners win.",
    "shrunken sum": "The same with each effect moved towards what is usual for the metric, and an interval that holds.",
    "batting average": "Of finished experiments that had a metric as a goal, the share in which it became better.",
    "adherence": "The share of decisions that followed the verdict.",
    "expected after launch": "The measured effect of a winner, less the luck that helped it win.",
    "unit": "What is randomised: a user, device, account or cluster.",
    "exposure": "A unit met its variant, at a time.",
    "layer": "A salt of its own whose slices exclude each other.",
    "variant": "`control`, the first of a plan, or a treatment.",
    "goal": "A metric by which the rule decides whether to keep an enhancement.",
    "guardrail": "A metric that must be shown not to get worse by more than its margin.",
    "horizon": "The day whose close completes the longest window of the last unit that enrolled.",
    "phase": "The version of an experiment's split; new weights, targeting or salt, or less coverage, begin a new one, "
    "which leaves out who was seen before.",
    "prior": "What is believed of gains before any data: how large true effects of a metric have been in finished "
    "experiments. A Bayesian plan freezes one at launch.",
    "posterior": "The prior after the data: what to believe now, without a guarantee on errors.",
}
