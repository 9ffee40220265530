"""What the terminal says of Polytomic's errors: what happened, and what to do."""

from bot.errors import PolytomicAway, PolytomicBusy, PolytomicError, PolytomicLockedOut, PolytomicRefused


def polytomic(error: PolytomicError) -> str:
    """One line for the person at the terminal."""
    match error:
        case PolytomicAway():
            return "Polytomic did not answer. Try again: what is already there is found and used."
        case PolytomicBusy():
            return f"Polytomic asks to wait {error.retry_after:.0f} seconds. Nothing was changed. Try again then."
        case PolytomicRefused():
            return f"Polytomic refused it: “{error.message or error.status}”. Nothing was saved."
        case PolytomicLockedOut():
            return f"Polytomic refuses the key ({error.status}). Set a new POLYTOMIC_API_KEY; nothing was changed."
    return "Polytomic gave an answer I do not understand, so I stopped before doing anything else."
