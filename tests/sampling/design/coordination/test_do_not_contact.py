from sampling.design.coordination import honour_objections


def test_order_of_the_draw_is_kept_in_both_parts():
    reach = honour_objections(["4", "2", "3", "1"], ["1", "2", "unknown"])
    assert reach.to_contact == ("4", "3")
    assert reach.withheld == ("2", "1")


def test_nobody_is_lost():
    drawn = [str(number) for number in range(20)]
    reach = honour_objections(drawn, set(drawn[::3]))
    assert sorted(reach.to_contact + reach.withheld) == sorted(drawn)
    assert honour_objections(drawn, []).withheld == ()
