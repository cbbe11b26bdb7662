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
    "expected after launch": "The measured effect of a winner, less the luck that helped it win.",
}
