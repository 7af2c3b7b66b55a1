from sync.installation import checks
from sync.installation.finding import Finding
from sync.installation.verify import TRIGGER, check_installation, trigger_findings

__all__ = ["TRIGGER", "Finding", "check_installation", "checks", "trigger_findings"]
