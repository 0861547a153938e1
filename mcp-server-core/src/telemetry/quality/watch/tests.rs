//! A watch over time: what is off, what becomes normal, and how long that takes.

use super::*;

const AFTER: u64 = 100;

impl Watch {
    fn judges(&self, seen: &Seen) -> Verdict {
        self.judge(seen, 0)
    }
}

fn result(rows: u64, millis: u64) -> Seen {
    let took = Some(Duration::from_millis(millis));
    Seen { empty: rows == 0, rows: Some(rows), bytes: Some(200 + rows * 50), took }
}

/// A watch that has seen so many ordinary results: 10 to 14 rows in 20 to 24 ms.
fn grown(results: u64) -> Watch {
    let watch = Watch::new(AFTER);
    for number in 0..results {
        watch.begin_round(ROUND);
        assert!(!watch.judges(&ordinary(number)).is_off());
    }
    watch
}

fn ordinary(number: u64) -> Seen {
    result(10 + number % 5, 20 + number % 5)
}

fn words(verdict: Verdict) -> Vec<&'static str> {
    verdict.deviations().map(Deviation::word).collect()
}

/// How many results of a sort are off until one is not, with so many in each round.
fn until_normal(watch: &Watch, seen: &Seen, in_a_round: usize) -> usize {
    let results = std::iter::repeat_n((), 1_000_000).enumerate();
    let mut off = results.map(|(number, ())| {
        if number % in_a_round == 0 {
            watch.begin_round(ROUND);
        }
        watch.judges(seen).is_off()
    });
    off.position(|off| !off).unwrap()
}

#[test]
fn nothing_is_off_before_the_baseline_stands() {
    let watch = grown(AFTER - 1);
    assert_eq!(watch.normal(), None);
    assert!(!watch.judges(&result(0, 9_000)).is_off());
}

#[test]
fn nothing_where_there_were_always_rows_is_off() {
    let watch = grown(AFTER);
    let verdict = watch.judges(&result(0, 20));
    assert_eq!(words(verdict), ["empty"]);
    assert_eq!(verdict.normal().map(|normal| normal.results), Some(AFTER), "it is not held against itself");
    let verdict = watch.judges(&result(12, 20));
    assert_eq!((words(verdict), verdict.normal()), (Vec::new(), None));
    assert_eq!(watch.normal().unwrap().rows, Some(12));
}

#[test]
fn a_tool_that_is_empty_now_and_then_is_off_after_a_few_empties_in_a_row() {
    let watch = Watch::new(AFTER);
    let empty = |number: u64| number % 20 == 7;
    let off = (0..2_000).filter(|number| {
        watch.begin_round(ROUND);
        watch.judges(&if empty(*number) { result(0, 20) } else { ordinary(*number) }).is_off()
    });
    assert_eq!(off.count(), 0);
    let off: Vec<bool> = (0..60).map(|_| watch.judges(&result(0, 20)).is_off()).collect();
    assert!(!off[0] && !off[1] && off[4..].iter().all(|off| *off), "{off:?}");
}

#[test]
fn a_tool_that_is_mostly_empty_never_deviates_by_being_empty() {
    let watch = Watch::new(20);
    for number in 0..500 {
        watch.begin_round(ROUND);
        watch.judges(&if number % 10 == 0 { ordinary(number) } else { result(0, 20) });
    }
    assert!((0..100).all(|_| !watch.judges(&result(0, 20)).is_off()));
}

#[test]
fn a_baseline_of_twenty_results_is_enough_for_empties_and_for_what_is_far_off() {
    let watch = Watch::new(20);
    assert!((0..20).all(|number| !watch.judges(&ordinary(number)).is_off()));
    assert_eq!(words(watch.judges(&result(0, 20))), ["empty"]);
    assert_eq!(words(watch.judges(&result(4, 20))), [""; 0], "so little is known yet");
    assert_eq!(words(watch.judges(&result(2, 20))), ["small"]);
    assert_eq!(words(watch.judges(&result(12, 300))), [""; 0]);
    assert_eq!(words(watch.judges(&result(12, 1_000))), ["slow"]);
    let off = (0..60).filter(|_| watch.judges(&result(0, 20)).is_off()).count();
    assert!(off >= 56, "the outage is not learned: {off} of 60");
}

#[test]
fn an_outage_that_begins_before_the_baseline_stands_is_not_learned_in_silence() {
    let watch = Watch::new(20);
    assert!((0..8).all(|number| !watch.judges(&ordinary(number)).is_off()));
    let off: Vec<bool> = (0..60).map(|_| watch.judges(&result(0, 20)).is_off()).collect();
    assert!(off[8..].iter().all(|off| *off), "{off:?}");
}

#[test]
fn a_tool_that_never_returned_anything_is_off_until_its_baseline_stands_and_that_is_said() {
    let watch = Watch::new(20);
    let verdicts: Vec<Verdict> = (0..40).map(|_| watch.judges(&result(0, 20))).collect();
    let off: Vec<usize> =
        verdicts.iter().enumerate().filter(|(_, verdict)| verdict.is_off()).map(|(at, _)| at).collect();
    assert_eq!(off, (9..19).collect::<Vec<_>>());
    let stands: Vec<usize> = (0..40).filter(|at| verdicts[*at].stands_empty()).collect();
    assert_eq!(stands, [19]);
}

#[test]
fn the_last_results_of_all_replicas_are_known_by_kind() {
    let (here, there) = (grown(30), grown(30));
    for _ in 0..5 {
        here.failed(7);
    }
    let mut sum = here.fresh().unwrap();
    here.settle(sum.clone());
    there.failed(8);
    sum.merge(&there.fresh().unwrap());
    there.settle(sum.clone());
    assert_eq!(there.recent().share(20, |ended| ended == Ended::Failed), Some(0.05));
    assert_eq!(there.recent().share(50, |ended| ended == Ended::Failed), Some(0.12));
    assert_eq!(there.recent().at(), 8);
    assert_eq!(here.fresh().unwrap().baseline.results(), 0, "others may have seen it end");
    here.settle(sum);
    for number in 0..50 {
        here.judges(&ordinary(number));
    }
    here.settle(here.fresh().unwrap());
    assert_eq!(here.fresh(), None, "all is as usual");
}

#[test]
fn exceptions_among_ordinary_results_are_learned() {
    let watch = grown(1_000);
    let of_the_last = |range: std::ops::Range<u64>| {
        let off = range.filter(|number| {
            watch.begin_round(ROUND);
            watch.judges(&if number % 40 == 7 { result(0, 20) } else { ordinary(*number) }).is_off()
        });
        off.count()
    };
    assert!(of_the_last(0..400) > 0, "they are off at first");
    of_the_last(400..4_000);
    assert_eq!(of_the_last(4_000..8_000), 0, "one in forty is normal by now");
}

#[test]
fn much_less_than_any_is_small() {
    let watch = grown(AFTER);
    assert_eq!(words(watch.judges(&result(4, 20))), ["small"]);
    assert_eq!(words(watch.judges(&result(6, 20))), [""; 0], "half of the least is ordinary variation");
    let bytes = Seen { bytes: Some(100), ..Seen::default() };
    assert_eq!(watch.judges(&bytes).content, Some(Deviation::Small(Size::Bytes)));
    assert!(!watch.judges(&Seen { bytes: None, ..bytes }).is_off(), "it is not known");
}

#[test]
fn results_that_vary_are_small_when_most_of_the_last_ones_are() {
    let watch = Watch::new(AFTER);
    for number in 0..1_000 {
        watch.begin_round(ROUND);
        assert!(!watch.judges(&result(1 + number * 7 % 100, 20)).is_off(), "1 to 100 rows are ordinary");
    }
    let off: Vec<bool> = (0..30).map(|_| watch.judges(&result(15, 20)).is_off()).collect();
    assert!(!off[0] && off[20..].iter().all(|off| *off), "{off:?}");
}

#[test]
fn ten_times_slower_is_slow_and_a_blink_never_is() {
    let watch = grown(AFTER);
    assert_eq!(words(watch.judges(&result(12, 190))), [""; 0]);
    assert_eq!(words(watch.judges(&result(12, 300))), ["slow"]);
    assert_eq!(words(watch.judges(&result(0, 300))), ["empty", "slow"]);
    let quick = Watch::new(AFTER);
    for _ in 0..AFTER {
        quick.judges(&result(12, 1));
    }
    assert_eq!(words(quick.judges(&result(12, 90))), [""; 0]);
    assert_eq!(words(quick.judges(&result(12, 110))), ["slow"]);
}

#[test]
fn tools_with_a_long_tail_are_slow_when_most_of_the_last_calls_are() {
    let watch = Watch::new(AFTER);
    let mut off = 0;
    for number in 0..1_000 {
        watch.begin_round(ROUND);
        off += usize::from(watch.judges(&result(12, if number % 10 == 9 { 2_000 } else { 20 })).is_off());
    }
    assert_eq!(off, 0, "one in ten always took a hundred times as long");
    let off: Vec<bool> = (0..30).map(|_| watch.judges(&result(12, 2_000)).is_off()).collect();
    assert!(!off[0] && off[20..].iter().all(|off| *off), "{off:?}");
}

#[test]
fn a_fault_does_not_soon_become_normal() {
    // A tool that is called 100 times in each round of half a minute.
    let off = until_normal(&grown(KEPT / 2), &result(0, 20), 100);
    assert!((200 * 100..500 * 100).contains(&off), "{off} results, 100 in half a minute, are about three hours");
    // One that is called now and then.
    let off = until_normal(&grown(KEPT / 2), &result(0, 20), 1);
    assert!((4_000..8_000).contains(&off), "{off} results, of about 2048 in the baseline");
    let off = until_normal(&grown(AFTER), &result(0, 20), 1);
    assert!((400..1_500).contains(&off), "{off} results, of 100 in the baseline");
}

#[test]
fn a_change_that_lasts_becomes_normal() {
    let slower = |millis: u64| Seen { rows: Some(12), took: Some(Duration::from_millis(millis)), ..Seen::default() };
    for results in [AFTER, KEPT / 2] {
        let off = until_normal(&grown(results), &slower(1_000), 1) as u64;
        assert!((results / 2..results * 3).contains(&off), "slow: {off} of {results}");
        let off = until_normal(&grown(results), &result(3, 20), 1) as u64;
        assert!((results / 2..results * 3).contains(&off), "small: {off} of {results}");
    }
    let off = until_normal(&grown(KEPT / 2), &slower(1_000), 1_000) / 1_000;
    assert!((100..500).contains(&off), "{off} half minutes are one to four hours");
}

#[test]
fn a_busy_tool_is_compared_with_hours() {
    let watch = grown(GROWN);
    let before = watch.all().baseline.results();
    assert!((0..10_000).all(|number| !watch.judges(&ordinary(number)).is_off()));
    assert!(watch.all().baseline.results() - before <= u64::from(ROUND));
}

#[test]
fn a_baseline_that_is_asked_for_many_results_comes_to_stand() {
    let watch = Watch::new(10_000);
    assert!((0..10_000).all(|number| !watch.judges(&ordinary(number)).is_off()));
    assert!(watch.judges(&result(0, 20)).is_off());
    for number in 0..200_000 {
        watch.begin_round(ROUND);
        watch.judges(&ordinary(number));
    }
    assert!(watch.all().baseline.results() >= 10_000, "and stands on as many for ever");
    assert!(watch.judges(&result(0, 20)).is_off());
}

#[test]
fn what_is_told_is_told_once() {
    let (here, there) = (grown(60), grown(60));
    let mut sum = here.fresh().unwrap();
    here.settle(sum.clone());
    assert_eq!(here.fresh(), None, "nothing is new");
    there.judges(&ordinary(0));
    sum.merge(&there.fresh().unwrap());
    there.settle(sum.clone());
    assert_eq!(sum.baseline.results(), 121);
    assert!(there.judges(&result(0, 20)).is_off(), "neither has seen 100 results for itself");
    assert_eq!(there.fresh().unwrap().baseline.results(), 1, "a single exception is learned");
}

#[test]
fn what_could_not_be_told_is_told_later() {
    let watch = grown(30);
    watch.settle(watch.fresh().unwrap());
    watch.judges(&ordinary(0));
    assert_eq!(watch.fresh().unwrap().baseline.results(), 1);
    assert_eq!(watch.fresh().unwrap().baseline.results(), 1, "it was not settled");
    watch.judges(&ordinary(1));
    assert_eq!(watch.fresh().unwrap().baseline.results(), 2);
}

#[test]
fn the_same_is_said_once_in_a_minute() {
    let (watch, now) = (Watch::new(AFTER), Instant::now());
    assert_eq!(watch.tells(Deviation::Empty, now), Some(0));
    assert_eq!(watch.tells(Deviation::Slow, now), Some(0), "another sort is told for itself");
    assert_eq!(watch.tells(Deviation::Empty, now + TOLD / 2), None);
    assert_eq!(watch.tells(Deviation::Empty, now + TOLD), Some(1));
}
