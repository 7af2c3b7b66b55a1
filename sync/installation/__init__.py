from sync.installation import checks, settings_checks
from sync.installation.finding import Finding
from sync.installation.verify import check_installation
from sync.installation.verify_sql import TRIGGER

__all__ = ["TRIGGER", "Finding", "check_installation", "checks", "settings_checks"]
