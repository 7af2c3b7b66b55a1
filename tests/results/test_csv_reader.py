import pytest

from tests.results.csv_reader import Quoted, records


def test_null_and_empty_text_differ() -> None:
    assert records('a,,""\n1,"b ""c"", \n",\n') == [["a", None, ""], ["1", 'b "c", \n', None]]
    assert isinstance(records('""\n')[0][0], Quoted)


@pytest.mark.parametrize("text", ["a", 'a"b\n', '"a"b\n', '"a\n', "a\r\n"])
def test_what_is_no_csv_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"after a field|no end"):
        records(text)
