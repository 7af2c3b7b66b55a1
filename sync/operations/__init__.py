from sync.operations.backfill import LEFT_ALONE, BackfillCounts, backfill_executions
from sync.operations.change import (
    ChangeCounts,
    ChangePreview,
    apply_change,
    count_others,
    find_item,
    preview_change,
    retry_failed_sync,
)
from sync.operations.encryption import rotate_encryption_keys
from sync.operations.end_to_end import sync_one
from sync.operations.progress import Progress, silent
from sync.operations.prune import prune_history
from sync.operations.removal import RemovalPreview, preview_removal, remove_excluded
from sync.operations.returning import bring_back, count_returning
from sync.operations.rule_check import check_rules
from sync.operations.rule_earlier import ByEarlier
from sync.operations.rule_effect import Effect, WorkflowEffect, apply_rules, count_effect
from sync.operations.rule_finding import RuleFinding
from sync.operations.rule_preview import preview_rules
from sync.operations.rule_previewed import (
    ColumnStatistics,
    PreviewedColumn,
    PreviewedRow,
    PreviewedRows,
    PreviewStatistics,
    RuleEffect,
    RulePreview,
)
from sync.operations.rules import (
    NEW_KEY,
    Changed,
    NoSuchRuleError,
    NothingHashedError,
    RulesChangedError,
    StaleRulesError,
    add_rule,
    change_rules,
    check_unchanged,
    delete_rule,
    described,
    draft_of,
    edit_rule,
    let_go,
    move_rule,
    rotate_hash_key,
    rule_versions,
    rules_of,
    switch_rule,
)
from sync.queue import Loaded

__all__ = [
    "LEFT_ALONE",
    "NEW_KEY",
    "BackfillCounts",
    "ByEarlier",
    "ChangeCounts",
    "ChangePreview",
    "Changed",
    "ColumnStatistics",
    "Effect",
    "Loaded",
    "NoSuchRuleError",
    "NothingHashedError",
    "PreviewStatistics",
    "PreviewedColumn",
    "PreviewedRow",
    "PreviewedRows",
    "Progress",
    "RemovalPreview",
    "RuleEffect",
    "RuleFinding",
    "RulePreview",
    "RulesChangedError",
    "StaleRulesError",
    "WorkflowEffect",
    "add_rule",
    "apply_change",
    "apply_rules",
    "backfill_executions",
    "bring_back",
    "change_rules",
    "check_rules",
    "check_unchanged",
    "count_effect",
    "count_others",
    "count_returning",
    "delete_rule",
    "described",
    "draft_of",
    "edit_rule",
    "find_item",
    "let_go",
    "move_rule",
    "preview_change",
    "preview_removal",
    "preview_rules",
    "prune_history",
    "remove_excluded",
    "retry_failed_sync",
    "rotate_encryption_keys",
    "rotate_hash_key",
    "rule_versions",
    "rules_of",
    "silent",
    "switch_rule",
    "sync_one",
]
