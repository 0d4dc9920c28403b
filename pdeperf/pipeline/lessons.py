"""What the trial of one rewrite says of the rewrites that might follow."""

from pdeperf.guest.launch import TIME_MARK
from pdeperf.model import Outcome, Step, Trial, Verdict
from pdeperf.pipeline.settings import Settings

CLEARLY_SLOWER = 0.9
SHORT_RUN_S = 3.0


def differs_from_itself(step: Step) -> bool:
    """Is nothing the same in two runs of the original, so that no rewrite can be proved right?"""
    trial, is_unproven = step.trial, step.verdict.outcome is Outcome.UNPROVEN
    return is_unproven and bool(trial.unstable) and not (trial.differences or trial.unjudged or trial.after_s)


def is_lost(step: Step, settings: Settings) -> bool:
    """Did a rewrite lose so clearly that a lesser one of the same place cannot win?

    What a wide kernel gains is not enough for its start (imports, cached code to load); a narrower
    one has the same start and gains less. One that was stopped at the time limit loses most.
    """
    verdict = step.verdict
    is_slower = verdict.outcome is Outcome.SLOWER and 0 < verdict.speedup < CLEARLY_SLOWER
    return settings.min_speedup >= 1 and (is_slower or step.trial.failure.endswith(TIME_MARK))


def is_too_short(trial: Trial, verdict: Verdict) -> bool:
    """Is the run over before threads pay, so that a longer one may say otherwise?"""
    is_close = verdict.outcome is Outcome.SLOWER and verdict.speedup > CLEARLY_SLOWER
    return is_close and trial.threaded and min(trial.before_s, default=SHORT_RUN_S) < SHORT_RUN_S
