from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reports import DATABASES, MEDIA, ORDERS, VELERO, reach, span
from rich.cells import cell_len

from drpolicy.model.durations import parse_duration
from drpolicy.model.loss import Loss, NeededLoss, Reason, ServiceLoss, ServiceOutcome, StoreLoss
from drpolicy.model.ranges import Range
from drpolicy.model.records import replace
from drpolicy.model.spans import Source
from drpolicy.model.truth import Truth
from drpolicy.reporters.loss_text import render_loss

AT = span(DATABASES, "multi_az")
NOTHING = reach(None, None)


def store(
    name: str,
    recoverable: Truth,
    *reasons: Reason,
    gone: Truth = Truth.TRUE,
    sources: tuple[Reason, ...] = (),
    doubts: tuple[Reason, ...] = (),
) -> StoreLoss:
    return StoreLoss(name, gone, recoverable, NOTHING, NOTHING, sources, reasons, doubts, AT)


def service(
    name: str, outcome: ServiceOutcome, *stores: StoreLoss, rpo: Range = NOTHING, rto: Range = NOTHING, gone: Truth = Truth.TRUE
) -> ServiceLoss:
    return ServiceLoss(
        name=name,
        tier="critical",
        declared=Truth.TRUE,
        declared_rpo=parse_duration("15m"),
        declared_rto=parse_duration("1h"),
        gone=gone,
        primary=False,
        outcome=outcome,
        rpo=rpo,
        rto=rto,
        stores=stores,
        needs=(),
        beside=(),
        span=span(ORDERS, "orders"),
    )


LOST = store(
    "primary/production",
    Truth.FALSE,
    Reason("Velero on dr reads my-velero-backups in ap-northeast-2", span(VELERO, "ap-northeast-2")),
    Reason("Velero schedule daily: switched off", span(VELERO, "kind")),
    Reason("Velero schedule daily, replicated: switched off", span(VELERO, "kind")),
)
KEPT = store(
    "aws_db_instance.primary",
    Truth.TRUE,
    Reason("automated backups: the copy is in the same region", span(DATABASES, "backup_retention_period = 7")),
    sources=(Reason("from ap-northeast-1: read replica, continuous", AT), Reason("from eu-west-1: a copy, every 24h", AT)),
)
LOSS = Loss(
    what="ap-northeast-2",
    disruption="region",
    as_of="2026-11-01",
    known=("ap-northeast-1", "ap-northeast-2"),
    services=(
        service("orders", "lost", KEPT, LOST),
        replace(
            service("billing", "misses", KEPT, rpo=reach("24h", None, "AWS Backup copy: every 24h"), rto=reach("10m", "2h", "a restore")),
            declared_rto=None,
        ),
        replace(
            service("catalog", "undeclared", replace(KEPT, name="media"), rpo=reach("0s", None), rto=reach("0s", None)),
            declared=Truth.FALSE,
            declared_rpo=None,
            declared_rto=None,
        ),
        service("search", "meets", KEPT, rpo=reach("5m", "5m", "one basis"), rto=reach("5m", "42m", "one basis")),
        service("docs", "unaffected"),
    ),
    unclaimed=(store("aws_efs_file_system.uploads", Truth.FALSE, Reason("nothing protects it", span(MEDIA, "bucket"))),),
    also=(Reason("cluster primary is gone", span(VELERO, "kind")), Reason("and so is its state", None)),
    affected=4,
    unread=0,
)

WHOLE = """\
region ap-northeast-2 is gone, as of 2026-11-01

✗ orders   CANNOT BE RECOVERED  (declared: RPO 15m, RTO 1h)
    ✗ primary/production       Velero on dr reads my-velero-backups in ap-northeast-2
                               kubernetes/dr/velero.yaml:5
                               Velero schedule daily: switched off  kubernetes/dr/velero.yaml:2
    ✓ aws_db_instance.primary  from ap-northeast-1: read replica, continuous
                               terraform/databases.tf:3

✗ billing  too late, or too much lost: loses the last 24h or more, back in 10m to 2h
    (declared: RPO 15m)
    AWS Backup copy: every 24h
    a restore
    ✓ aws_db_instance.primary  from ap-northeast-1: read replica, continuous
                               terraform/databases.tf:3

? catalog  recoverable: loses an unknown amount, back in an unknown time
    (nothing declared for the loss of a region)
    ✓ media  from ap-northeast-1: read replica, continuous  terraform/databases.tf:3

✓ search   recovered as declared: loses the last 5m, back in 5m to 42m  (declared: RPO 15m, RTO 1h)
    one basis
    ✓ aws_db_instance.primary  from ap-northeast-1: read replica, continuous
                               terraform/databases.tf:3

· docs     not affected

claimed by no service
    ✗ aws_efs_file_system.uploads  nothing protects it  terraform/media.tf:1

and with it
    cluster primary is gone  kubernetes/dr/velero.yaml:2
    and so is its state

4 of 5 services affected: 1 cannot be recovered, 1 too late or too much lost, 1 recoverable with
  nothing declared, 1 as declared
1 store that no service claims cannot be recovered either
"""


def shown(loss: Loss = LOSS, *, color: bool = False, unicode: bool = True, width: int = 100) -> str:
    return render_loss(loss, color=color, unicode=unicode, width=width)


def test_the_whole_answer() -> None:
    assert shown() == WHOLE


def test_the_verdict_counts_every_outcome() -> None:
    spared = replace(LOSS, services=(LOSS.services[4],), unclaimed=(), also=(), affected=0)
    assert shown(spared) == (
        "region ap-northeast-2 is gone, as of 2026-11-01\n\n"
        "  no store of record is there; they are in: ap-northeast-1, ap-northeast-2\n\n"
        "· docs  not affected\n\n"
        "0 of 1 service affected\n"
    )
    met = replace(LOSS, services=(LOSS.services[3],), unclaimed=(), also=())
    assert shown(met).endswith("\n1 of 1 service affected: 1 as declared\n")


def test_without_a_service_the_stores_still_count() -> None:
    assert shown(replace(LOSS, services=(), also=())) == (
        "region ap-northeast-2 is gone, as of 2026-11-01\n\n"
        "claimed by no service\n"
        "    ✗ aws_efs_file_system.uploads  nothing protects it  terraform/media.tf:1\n\n"
        "No service is declared, so nothing says what matters: drpolicy schema service\n"
        "1 store that no service claims cannot be recovered\n"
    )


@pytest.mark.parametrize(
    ("disruption", "what", "first", "said"),
    [
        ("account", "account:1", "account 1 is gone, as of 2026-11-01", "account"),
        ("region", "eu-west-9", "region eu-west-9 is gone, as of 2026-11-01", "region"),
        ("az", "az:eu-west-1a", "zone eu-west-1a is gone, as of 2026-11-01", ""),
    ],
)
def test_what_nobody_wrote_down_is_said_to_be_not_known(disruption: str, what: str, first: str, said: str) -> None:
    output = shown(replace(LOSS, disruption=disruption, what=what))  # type: ignore[arg-type]  # a literal from the table above
    assert output.splitlines()[0] == first
    assert (f"  no file says that a store is there; of those below the {said} is not known\n" in output) is bool(said)
    assert "no file says" not in shown(replace(LOSS, disruption="account", what="account:1", known=("1",)))


def test_a_store_that_may_be_somewhere_else_is_called_neither_lost_nor_recoverable() -> None:
    why = Reason("perhaps not in ap-northeast-2, its region is not known: provider.aws.region (region not written)", AT)
    doubtful = store("db", Truth.FALSE, Reason("nothing protects it", AT), gone=Truth.UNKNOWN, doubts=(why,))
    only = service("s", "unknown", doubtful, gone=Truth.UNKNOWN)
    output = shown(replace(LOSS, services=(only,), unclaimed=(replace(doubtful, name="unclaimed"),), also=()), width=140)
    assert output.splitlines()[2:] == [
        "? s  not known whether it is affected  (declared: RPO 15m, RTO 1h)",
        f"    ? db  {why.text}  terraform/databases.tf:3",
        "          if it is: nothing protects it  terraform/databases.tf:3",
        "",
        "claimed by no service",
        f"    ? unclaimed  {why.text}  terraform/databases.tf:3",
        "                 if it is: nothing protects it  terraform/databases.tf:3",
        "",
        "0 of 1 service affected, 1 perhaps: 1 not known",
    ]
    certain = shown(replace(LOSS, services=(replace(only, gone=Truth.TRUE),)))
    assert "? s  not known whether it can be recovered  (declared: RPO 15m, RTO 1h)\n" in certain
    assert certain.splitlines()[-2] == "1 of 1 service affected: 1 not known"


def test_a_service_shows_what_it_cannot_do_without_and_what_else_of_it_is_gone() -> None:
    needing = replace(service("s", "lost"), needs=(NeededLoss("payments", Truth.TRUE, Truth.TRUE, span(ORDERS, "orders")),))
    spared = replace(service("t", "unaffected"), beside=("aws_elasticache_cluster.c",), primary=True)
    output = shown(replace(LOSS, services=(needing, spared)))
    assert "    ✗ service payments  it cannot do without it, and that cannot be recovered" in output
    said = (
        "· t not affected: no data of record is there, but aws_elasticache_cluster.c is gone and it declares the region as its primary one"
    )
    assert said in " ".join(output.split())


def test_modules_that_were_not_read_are_not_passed_over() -> None:
    none = replace(LOSS, services=(), unclaimed=(), also=(), affected=0, known=(), unread=2)
    assert shown(none) == (
        "region ap-northeast-2 is gone, as of 2026-11-01\n\n"
        "  no store of record is in these files\n\n"
        "No service is declared, so nothing says what matters: drpolicy schema service\n"
        "2 calls of modules that are not on disk, and what they make is not counted: terraform init\n"
    )


@pytest.mark.parametrize(
    ("rpo", "rto", "said"),
    [
        (reach("0s", "0s"), reach("0s", "0s"), "loses nothing, back at once"),
        (reach("5m", "8m"), reach("10m", "10m"), "loses the last 5m to 8m, back in 10m"),
        (reach("1h", None), reach("1h", None), "loses the last 1h or more, back in 1h or more"),
        (reach("0s", None), reach("0s", None), "loses an unknown amount, back in an unknown time"),
        (reach(None, None), reach("0s", None), "loses all that came after a copy made once, back in an unknown time"),
    ],
)
def test_amounts_in_words(rpo: Range, rto: Range, said: str) -> None:
    only = service("s", "unproven", KEPT, rpo=rpo, rto=rto)
    assert f"? s  recoverable, how well is not proven: {said}  (declared: RPO 15m, RTO 1h)\n" in shown(
        replace(LOSS, services=(only,)), width=160
    )


def test_a_store_that_can_be_had_back_shows_its_best_copy_and_a_lost_one_every_obstacle_once() -> None:
    both = replace(LOST, sources=(Reason("a copy that does not help", AT),))
    output = shown(replace(LOSS, services=(service("s", "lost", both, KEPT),)))
    assert "a copy that does not help" not in output
    assert "eu-west-1" not in output
    assert output.count("switched off") == 1


def test_many_stores_of_one_reason_are_one() -> None:
    reasons = ("nothing protects it", "nothing protects it", "switched off", "nothing protects it", "nothing protects it")
    many = tuple(store(f"s{at}", Truth.FALSE, Reason(why, AT)) for at, why in enumerate(reasons))
    output = shown(replace(LOSS, unclaimed=many))
    assert "    ✗ 4 stores: s0, s1, s3, s4  nothing protects it\n    ✗ s2                        switched off  terraform/" in output
    assert output.endswith("5 stores that no service claims cannot be recovered either\n")


def test_a_long_name_and_a_long_path_stay_whole() -> None:
    source = Source("deployments/" * 10 + "main.tf", "x\n")
    name = "module." + "a" * 40 + ".aws_s3_bucket.this"
    output = shown(replace(LOSS, services=(service("s", "lost", store(name, Truth.FALSE, Reason("gone", source.span(0, 1)))),)))
    assert f"    ✗ {name}\n        gone\n{source.path}:1\n" in output


@pytest.mark.parametrize("width", [60, 80, 100, 160])
def test_lines_of_a_loss_fit_the_width(width: int) -> None:
    assert [line for line in shown(width=width).splitlines() if cell_len(line) > width] == []


def test_colours_only_add_colours() -> None:
    coloured = shown(color=True)
    assert "\x1b[1;31mCANNOT BE RECOVERED\x1b[0m" in coloured
    assert "\x1b[32m✓\x1b[0m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == WHOLE
    assert "\x1b" not in WHOLE


def test_only_ascii_where_nothing_else_passes() -> None:
    output = shown(unicode=False)
    assert output.isascii()
    assert "\nx orders   CANNOT BE RECOVERED  (declared" in output
    assert "    + aws_db_instance.primary  from" in output
    assert "\n- docs     not affected\n" in output


@given(st.text(max_size=60), st.booleans(), st.integers(1, 160))
@settings(max_examples=60, deadline=None)
def test_a_loss_tells_a_terminal_nothing(text: str, unicode: bool, width: int) -> None:
    where = Source(f"{text}.tf", text + "\n").span(0, 1)
    lost = store(text, Truth.FALSE, Reason(text, where))
    hostile = replace(
        LOSS, what=text, as_of=text, known=(text,), unclaimed=(lost,), also=(Reason(text, where),), services=(service(text, "lost", lost),)
    )
    output = shown(hostile, unicode=unicode, width=width)
    output.encode("utf-8" if unicode else "ascii")
    assert not any(unicodedata.category(each) in {"Cc", "Cs", "Zl", "Zp"} and each != "\n" for each in output)
