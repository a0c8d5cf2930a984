"""What providers report: it is what we have, or somebody has said what the difference was."""

from plaudit.audit.asking import Check
from plaudit.audit.findings import Code

# Reports were compared as they came, by `reconciliation`; a case that is open is a difference that nobody explained.
REPORTS = Check(
    code=Code.REPORT_DIFFERS,
    sentence="On {day} the provider {provider} reports {line_expected} for the {what} {reference}, "
    "and we have {line_found}: the case {case} is open.",
    sql="""
        select id as case, provider, what, reference, to_char(on_date, 'YYYY-MM-DD') as day,
            coalesce((theirs ->> 'amount_minor') || ' minor units of ' || (theirs ->> 'currency')
                || ' with a fee of ' || (theirs ->> 'fee_minor'), 'nothing') as line_expected,
            coalesce((ours ->> 'amount_minor') || ' minor units of ' || (ours ->> 'currency')
                || ' with a fee of ' || (ours ->> 'fee_minor'), 'nothing') as line_found,
            count(*) over () as total
        from audit.cases where closed_at is null
        order by id limit %(limit)s
    """,
)

CHECKS = (REPORTS,)
