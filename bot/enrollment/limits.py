"""The numbers that the use cases need, apart from how they are configured."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Durations are seconds, ages are days; the defaults are those of README."""

    batch_size: int = 1000
    row_cap: int = 100_000
    query_bytes: int = 8000
    query_timeout: float = 600
    check_valid: float = 1800
    check_patience: float = 20
    consent_deadline: float = 1800
    retry_deadline: float = 21_600
    run_silent: float = 3600
    hold_deadline: float = 86_400
    under_way: float = 60
    retention_days: int = 30
    draft_days: int = 30
    memory_days: int = 365
    sample_columns: tuple[str, ...] = ()
