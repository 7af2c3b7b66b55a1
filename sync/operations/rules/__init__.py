"""Rules of a destination, as people change them: edited, checked, tried on a result, and applied to what is loaded."""

from sync.operations.rules.check import check_rules
from sync.operations.rules.choices import KEEP, Choices, Synced, Treatment, flat
from sync.operations.rules.earlier import ByEarlier
from sync.operations.rules.editing import (
    NEW_KEY,
    Changed,
    EarlierWorkerError,
    NoSuchRuleError,
    NothingHashedError,
    add_rule,
    change_rules,
    delete_rule,
    edit_rule,
    let_go,
    move_rule,
    rotate_hash_key,
    switch_rule,
)
from sync.operations.rules.effect import TO_RETRY, Effect, WorkflowEffect, count_effect, count_to_retry, reload_earlier
from sync.operations.rules.finding import RuleFinding
from sync.operations.rules.in_force import (
    RulesChangedError,
    StaleRulesError,
    check_unchanged,
    described,
    draft_of,
    rule_versions,
    rules_of,
)
from sync.operations.rules.leaving_out import leave_out
from sync.operations.rules.preview import preview_rules
from sync.operations.rules.previewed import (
    ColumnStatistics,
    PreviewedColumn,
    PreviewedRow,
    PreviewedRows,
    PreviewStatistics,
    RuleEffect,
    RulePreview,
)
from sync.operations.rules.removal import RemovalPreview, preview_removal, remove_excluded
from sync.operations.rules.returning import ReturnPreview, bring_back, count_returning

__all__ = [
    "KEEP",
    "NEW_KEY",
    "TO_RETRY",
    "ByEarlier",
    "Changed",
    "Choices",
    "ColumnStatistics",
    "EarlierWorkerError",
    "Effect",
    "NoSuchRuleError",
    "NothingHashedError",
    "PreviewStatistics",
    "PreviewedColumn",
    "PreviewedRow",
    "PreviewedRows",
    "RemovalPreview",
    "ReturnPreview",
    "RuleEffect",
    "RuleFinding",
    "RulePreview",
    "RulesChangedError",
    "StaleRulesError",
    "Synced",
    "Treatment",
    "WorkflowEffect",
    "add_rule",
    "bring_back",
    "change_rules",
    "check_rules",
    "check_unchanged",
    "count_effect",
    "count_returning",
    "count_to_retry",
    "delete_rule",
    "described",
    "draft_of",
    "edit_rule",
    "flat",
    "leave_out",
    "let_go",
    "move_rule",
    "preview_removal",
    "preview_rules",
    "reload_earlier",
    "remove_excluded",
    "rotate_hash_key",
    "rule_versions",
    "rules_of",
    "switch_rule",
]
