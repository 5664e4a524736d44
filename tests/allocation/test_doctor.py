import pytest
from paidan.allocation.doctor import all_violations
pytestmark = pytest.mark.django_db
def test_none():
    assert list(all_violations()) == []
