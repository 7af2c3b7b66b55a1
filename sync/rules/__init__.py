"""Which executions, which columns, which rows go to a destination: what rules say, and which are in force.

`conditions` and `rule` are the documents, `text` how people write them, `files` how they keep them, `problems` what is
wrong with them · `ruleset` all rules of a destination, and the plan for a workflow · `difference` what one list of them
changes of another · `stored` the version in force. What a plan does to a result is in sync.results; which executions
are left out, in sync.queue; how rules are changed, in sync.operations.
"""

from sync.rules.conditions import (
    All,
    Any,
    ColumnBetween,
    ColumnCompares,
    ColumnIn,
    ColumnLike,
    ColumnNull,
    RowCondition,
    Value,
    steps,
)
from sync.rules.difference import Difference, difference
from sync.rules.files import MOST_BYTES, RulesFile, RulesFileError, as_yaml, ordered, read_file, write_file
from sync.rules.problems import RulesError
from sync.rules.rule import (
    AddRule,
    Allow,
    Cast,
    ColumnRule,
    Drop,
    Hash,
    KeepOnly,
    Mask,
    NewColumnsRule,
    Rename,
    Replace,
    RowsRule,
    Rule,
    ScopeRule,
    SetNull,
)
from sync.rules.ruleset import (
    MOST_RULES,
    Plan,
    RuleSet,
    decided,
    documents,
    like,
    matcher,
    matches,
    read_rules,
    schema,
)
from sync.rules.stored import latest, latest_of, of_version, version_now
from sync.rules.text import exact_number, from_text, to_text

__all__ = [
    "MOST_BYTES",
    "MOST_RULES",
    "AddRule",
    "All",
    "Allow",
    "Any",
    "Cast",
    "ColumnBetween",
    "ColumnCompares",
    "ColumnIn",
    "ColumnLike",
    "ColumnNull",
    "ColumnRule",
    "Difference",
    "Drop",
    "Hash",
    "KeepOnly",
    "Mask",
    "NewColumnsRule",
    "Plan",
    "Rename",
    "Replace",
    "RowCondition",
    "RowsRule",
    "Rule",
    "RuleSet",
    "RulesError",
    "RulesFile",
    "RulesFileError",
    "ScopeRule",
    "SetNull",
    "Value",
    "as_yaml",
    "decided",
    "difference",
    "documents",
    "exact_number",
    "from_text",
    "latest",
    "latest_of",
    "like",
    "matcher",
    "matches",
    "of_version",
    "ordered",
    "read_file",
    "read_rules",
    "schema",
    "steps",
    "to_text",
    "version_now",
    "write_file",
]
