"""A file of complaints is read whole, or refused with line and column."""

import gzip
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from amends.demo.cells import merchant_id_of, parse_instant
from amends.demo.columns import BadMapping, parse_columns
from amends.demo.loading import load, parse_category_map
from amends.demo.table import BadInput, read_table
from shared.events.vocabulary import Category, Channel, DemandKind

NOW = datetime(2026, 11, 24, tzinfo=UTC)
OWN = "id,merchant_id,description,category,happened_at\n"

WriteFile = Callable[[str | bytes], Path]


@pytest.fixture
def file(tmp_path: Path) -> WriteFile:
    """Writes a file and says where it is."""

    def write(content: str | bytes) -> Path:
        path = tmp_path / "input.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def test_a_text_of_several_lines_stays_one_complaint(file: WriteFile) -> None:
    path = file(OWN + 'a,shop,"one\n\ntwo ""quoted"", three",quality,\nb,shop,short,other,\n')
    first, second = load(path, now=NOW).cases
    assert first.description == 'one\n\ntwo "quoted", three'
    assert second.description == "short"


def test_lines_are_counted_as_an_editor_counts_them(file: WriteFile) -> None:
    path = file(OWN + 'a,shop,"one\ntwo\nthree",quality,\nb,,text,other,\n')
    with pytest.raises(BadInput) as refusal:
        load(path, now=NOW)
    assert str(refusal.value.flaws[0]) == (
        "line 5, column 'merchant_id': is blank, and merchant_id is needed"
    )


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(file: WriteFile) -> None:
    path = file(b"\xef\xbb\xbf" + (OWN + "a,shop,\u4e0d\u6ee1\u610f,quality,\n").encode())
    crlf = path.read_bytes().replace(b"\n", b"\r\n")
    path.write_bytes(crlf)
    assert load(path, now=NOW).cases[0].description == "不满意"


def test_gzip_is_known_by_its_content(file: WriteFile) -> None:
    path = file(gzip.compress((OWN + "a,shop,text,quality,\n").encode()))
    assert len(load(path, now=NOW).cases) == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"id,merchant_id,description\n", "holds no complaint"),
        (b"id,merchant_id,description,id\na,b,c,d\n", "line 1, column 'id': is named twice"),
        (b"id,merchant_id,description\na,b,\xff\n", "line 2: is not UTF-8 text"),
        (b'id,merchant_id,description\na,b,"never closed\n', "is not valid CSV"),
        (b"id,merchant_id,description\na,b\n", "line 2: has 2 cells where the header names 3"),
        (b"\x1f\x8bbroken", "cannot be read"),
    ],
)
def test_a_broken_file_is_refused_and_says_where(
    file: WriteFile, content: bytes, message: str
) -> None:
    with pytest.raises(BadInput, match=message):
        load(file(content), now=NOW)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        read_table(tmp_path / "absent.csv")


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("consumer_id", "somebody@example.org", "looks like an e-mail address"),
        ("consumer_id", "+86 138 0013 8000", "looks like an e-mail address or a phone"),
        ("amount", "a lot", "'a lot' is no amount"),
        ("currency", "dollars", "is no ISO 4217 code"),
        ("channel", "pigeon", "'pigeon' is no channel"),
        ("demand", "revenge", "'revenge' is no demand"),
        ("happened_at", "yesterday", "'yesterday' is no date"),
        ("happened_at", "2027-01-01", "lies in the future"),
        ("order_ids", "a\x00b", "holds a control character"),
    ],
)
def test_a_cell_that_cannot_be_used_is_named(
    file: WriteFile, column: str, value: str, message: str
) -> None:
    path = file(f"merchant_id,description,{column}\nshop,text,{value}\n")
    with pytest.raises(BadInput) as refusal:
        load(path, now=NOW)
    (flaw,) = refusal.value.flaws
    assert (flaw.line, flaw.column) == (2, column)
    assert message in flaw.message


def test_with_skip_bad_the_good_rows_remain_and_the_bad_are_told(file: WriteFile) -> None:
    path = file(OWN + "a,shop,text,quality,\nb,,text,quality,\na,shop,again,quality,\nx,y\n")
    loaded = load(path, now=NOW, skip_bad=True)
    assert [case.id for case in loaded.cases] == ["a"]
    assert [flaw.line for flaw in loaded.flaws] == [3, 4, 5]


def test_a_long_list_of_flaws_is_cut_in_the_message(file: WriteFile) -> None:
    path = file(OWN + "".join(f"{n},,text,quality,\n" for n in range(30)))
    with pytest.raises(BadInput, match="… and 10 more"):
        load(path, now=NOW)


def test_stated_columns_say_what_holds_what(file: WriteFile) -> None:
    path = file(
        "Complaint ID,Company,Product,Narrative,Short\n"
        "7100001,ACME Inc.,Toasters,It burns,x\n7100002,ACME,Radios,,silent radio\n"
    )
    columns = parse_columns(
        [
            "consumer_id=Complaint ID,merchant_id=Company",
            "description=Narrative|Short,category=Product",
        ]
    )
    stated = parse_category_map(["Toasters=safety"])
    loaded = load(path, now=NOW, columns=columns, category_map=stated)
    first, second = loaded.cases
    assert (first.consumer_id, first.merchant_id) == ("c-7100001", "acme")
    assert (first.category, second.category) == (Category.SAFETY, Category.OTHER)
    assert second.description == "silent radio"
    assert loaded.remarks[0].startswith("1 complaints are filed as `other`: no category is")


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        (["merchant_id"], "should read name=value"),
        (["seller=Company"], "no field is called seller"),
    ],
)
def test_a_mapping_that_cannot_be_read_is_refused(entries: list[str], message: str) -> None:
    with pytest.raises(BadMapping, match=message):
        parse_columns(entries)


def test_a_category_that_does_not_exist_is_refused() -> None:
    with pytest.raises(BadMapping, match="no category toast"):
        parse_category_map(["Toasters=toast"])


def test_a_stated_column_must_be_in_the_file(file: WriteFile) -> None:
    with pytest.raises(BadMapping, match="no column 'Company'; its header is: a, b"):
        load(file("a,b\n1,2\n"), now=NOW, columns=parse_columns(["merchant_id=Company"]))


def test_a_file_nobody_knows_is_asked_about(file: WriteFile) -> None:
    with pytest.raises(BadMapping, match="no column is known for merchant_id and description"):
        load(file("a,b\n1,2\n"), now=NOW)


def test_the_public_layout_of_the_cfpb_is_known_without_a_mapping(file: WriteFile) -> None:
    path = file(
        "Date received,Product,Issue,Sub-issue,Consumer complaint narrative,Company,"
        "Submitted via,Company response to consumer,Timely response?,Consumer disputed?,"
        "Complaint ID\n"
        '03/12/2014,Mortgage,"Settlement process and costs",,,"WELLS FARGO & COMPANY",Referral,'
        "Closed with monetary relief,Yes,Yes,759217\n"
        "2016-10-01,Debt collection,Communication tactics,Frequent or repeated calls,"
        '"They want {$240.00}",,Phone,In progress,No,N/A,2141773\n'
    )
    first, second = load(path, now=NOW).cases
    assert first.merchant_id == merchant_id_of("Wells Fargo") == "wells-fargo"
    assert first.description == "Settlement process and costs"
    assert first.channel is Channel.REGULATOR
    assert (first.on_record.relief, first.on_record.disputed) == (True, True)
    assert (second.merchant_id, second.channel) == ("unnamed-debt-collection", Channel.HOTLINE)
    assert (second.amount_minor, second.currency) == (24000, "USD")
    assert second.demand is DemandKind.REFUND
    assert second.on_record.answered_in_time is False


def test_amounts_are_read_in_the_minor_units_of_their_currency(file: WriteFile) -> None:
    path = file(
        'merchant_id,description,amount,currency\na,b,"1,299.5",CNY\na,b,¥800,JPY\na,b,$7,\n'
    )
    read = [(case.amount_minor, case.currency) for case in load(path, now=NOW).cases]
    assert read == [(129950, "CNY"), (800, "JPY"), (700, "USD")]


def test_a_very_long_text_is_cut_and_said_to_be(file: WriteFile) -> None:
    loaded = load(file(OWN + f"a,shop,{'x' * 20_001},quality,\n"), now=NOW)
    assert len(loaded.cases[0].description) == 20_000
    assert loaded.remarks == ("1 descriptions were cut to 20000 characters",)


def test_days_and_instants_are_read() -> None:
    day = datetime(2026, 1, 31, tzinfo=UTC)
    assert parse_instant("2026-01-31") == parse_instant("01/31/2026") == day
    assert parse_instant("2026-01-31T08:00:00+08:00") == day


def test_a_merchant_without_latin_letters_gets_an_id_all_the_same() -> None:
    assert merchant_id_of("青禾数码专营店").startswith("m-")
    assert merchant_id_of("The Co.") == "the-co"
