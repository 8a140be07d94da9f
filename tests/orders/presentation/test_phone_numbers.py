import pytest

from orders.presentation.phone_numbers import formats


def written(digits):
    return {form.key: form.text for form in formats(digits)}


def test_a_number_is_written_in_the_ways_people_need():
    assert written("4915112345678") == {
        "international": "+49 1511 2345678",
        "national": "01511 2345678",
        "digits": "4915112345678",
        "plus": "+4915112345678",
        "local": "15112345678",
    }


def test_the_international_way_comes_first():
    assert formats("12025550123")[0].text == "+1 202-555-0123"


def test_the_documents_own_number_is_written_although_it_is_not_a_real_one():
    assert written("15550199999")["digits"] == "15550199999"


@pytest.mark.parametrize("digits", ["00000", "99999", "12345678901234567890", "1" * 20, "0", "8" * 18])
def test_what_is_no_number_is_still_shown_and_can_be_copied(digits):
    assert {"international", "digits", "plus"} <= written(digits).keys()


def test_every_way_has_a_label_of_its_own():
    labels = [form.label for form in formats("4915112345678")]
    assert len(labels) == len(set(labels))
