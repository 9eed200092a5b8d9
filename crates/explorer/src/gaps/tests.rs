use proptest::prelude::*;

use super::*;

const SECOND: i64 = 1_000_000_000;
const DAY: i64 = 86_400 * SECOND;
/// Of 120 samples a second.
const PERIOD: i64 = 8_333_333;

/// `points` points from `start` on, `period` nanoseconds apart.
#[derive(Clone, Copy, Debug)]
struct Run {
    start: i64,
    period: i64,
    points: i64,
}

impl Run {
    fn last(self) -> i64 {
        self.start + (self.points - 1) * self.period
    }

    fn before(self, time: i64) -> i64 {
        if time <= self.start { 0 } else { ((time - self.start - 1) / self.period + 1).min(self.points) }
    }
}

/// A server that counts the points of runs, which are in order.
#[derive(Clone, Debug)]
struct Model(Vec<Run>);

impl Model {
    /// A point each `period` from `start` on for `nanos`, but for those within `gaps`, which are in order.
    fn regular(start: i64, period: i64, nanos: i64, gaps: &[TimeRange]) -> Self {
        let up = |time: i64| start + (time - start + period - 1).div_euclid(period) * period;
        let (mut runs, mut at) = (Vec::new(), start);
        for end in gaps.iter().map(|gap| gap.start).chain([start + nanos]) {
            let points = (up(end) - at) / period;
            if points > 0 {
                runs.push(Run { start: at, period, points });
            }
            at = gaps
                .get(gaps.iter().position(|gap| gap.start == end).unwrap_or(gaps.len()))
                .map_or(at, |gap| up(gap.end));
        }
        Self(runs)
    }

    fn life(&self) -> TimeRange {
        TimeRange::new(self.0[0].start, self.0[self.0.len() - 1].last() + 1)
    }

    fn count(&self, range: TimeRange) -> u64 {
        let first = self.0.partition_point(|run| run.last() < range.start);
        let runs = self.0[first..].iter().take_while(|run| run.start < range.end);
        runs.map(|run| (run.before(range.end) - run.before(range.start)) as u64).sum()
    }

    /// From behind the last point before each gap to the first after it, and the empty windows in it, if there are any.
    fn gaps(&self, width: PointWidth) -> Vec<(TimeRange, TimeRange)> {
        let pauses = self.0.windows(2).map(|pair| TimeRange::new(pair[0].last() + 1, pair[1].start));
        let gaps = pauses.map(|gap| (gap, TimeRange::new(ceil(width, gap.start), width.floor(gap.end))));
        gaps.filter(|(_, empty)| !empty.is_empty()).collect()
    }

    fn next(&self, from: i64, towards: Towards, width: PointWidth) -> Option<(TimeRange, TimeRange)> {
        let mut gaps = self.gaps(width).into_iter();
        match towards {
            Towards::Later => gaps.find(|(_, empty)| empty.start > ceil(width, from)),
            Towards::Earlier => gaps.rfind(|(_, empty)| empty.start < from),
        }
    }

    fn answer(&self, range: TimeRange, width: PointWidth, zeros: bool) -> Vec<(i64, u64)> {
        assert!(width.floor(range.start) == range.start && width.floor(range.end) == range.end, "aligned");
        let starts = (0..range.width() / width.nanos()).map(|index| range.start + (index * width.nanos()) as i64);
        let counts = starts.map(|start| (start, self.count(TimeRange::new(start, start + width.nanos() as i64))));
        counts.filter(|&(_, count)| zeros || count > 0).collect()
    }

    /// How the search ends and after how many questions.
    fn search(&self, from: i64, towards: Towards, width: PointWidth) -> (GapStep, u32) {
        self.settle(GapSearch::new(self.life(), from, towards, width), false)
    }

    fn settle(&self, mut search: GapSearch, zeros: bool) -> (GapStep, u32) {
        let mut questions = 0;
        while let GapStep::Ask { range, width } = search.step() {
            assert!(!range.is_empty() && range.width() / width.nanos() <= WINDOWS, "{range:?} {width}");
            questions += 1;
            search.learn(self.answer(range, width, zeros));
        }
        (search.step(), questions)
    }
}

fn pw(exponent: u8) -> PointWidth {
    PointWidth::new(exponent).unwrap()
}

fn is_within(step: GapStep, expected: Option<(TimeRange, TimeRange)>) -> bool {
    match (step, expected) {
        (GapStep::None, None) => true,
        (GapStep::Found(found), Some((_, empty))) => !found.is_empty() && empty.covers(found),
        _ => false,
    }
}

/// A year of 120 Hz around 0, with gaps of 5 s at those times.
fn year(gaps: &[i64]) -> Model {
    let gaps: Vec<_> = gaps.iter().map(|&start| TimeRange::new(start, start + 5 * SECOND)).collect();
    Model::regular(-365 * DAY / 2, PERIOD, 365 * DAY, &gaps)
}

#[test]
fn five_seconds_missing_in_a_year_are_found_with_five_questions() {
    for (at, towards) in [(365 * DAY / 3, Towards::Later), (-365 * DAY / 3, Towards::Earlier)] {
        for shift in 0..200 {
            let model = year(&[at + shift * 987_654_321_987]);
            let (step, questions) = model.search(0, towards, pw(31));
            assert!(is_within(step, model.next(0, towards, pw(31))), "{step:?}");
            assert!(questions <= 5, "{towards:?}, {shift}: {questions}");
            if shift == 0 {
                println!("{towards:?}: {questions} questions");
            }
        }
    }
}

#[test]
fn leaving_a_long_gap_by_its_end_takes_no_more_questions_than_any() {
    for nanos in [5 * SECOND, 3_000 * SECOND, 10 * DAY] {
        let gaps = [TimeRange::new(0, nanos), TimeRange::new(100 * DAY, 100 * DAY + 5 * SECOND)];
        let model = Model::regular(-180 * DAY, PERIOD, 365 * DAY, &gaps);
        let real = model.gaps(pw(31));
        let is_long = nanos > 1_024 << 31;
        for (from, limit) in [(real[0].0.start, if is_long { 7 } else { 5 }), (real[0].0.end, 5)] {
            let (step, questions) = model.search(from, Towards::Later, pw(31));
            assert!(is_within(step, Some(real[1])), "{step:?}");
            assert!(questions <= limit, "{nanos} from {from}: {questions}");
        }
        let (step, questions) = model.search(real[1].0.start, Towards::Earlier, pw(31));
        assert!(is_within(step, Some(real[0])), "{step:?}");
        assert!(questions <= 5, "{questions}");
    }
}

#[test]
fn a_year_without_gaps_is_soon_known_to_have_none() {
    for towards in [Towards::Earlier, Towards::Later] {
        let (step, questions) = year(&[]).search(0, towards, pw(31));
        println!("{towards:?}: {questions} questions");
        assert_eq!(step, GapStep::None);
        assert!(questions <= 5, "{questions}");
    }
}

#[test]
fn gaps_in_every_window_of_the_first_answers_are_seen() {
    // Half a minute in each quarter of an hour, from a place so far from the next that the first answer shows none.
    let gaps: Vec<_> = (1..30_000).map(|at| at * 900 * SECOND + 3_000 * SECOND).collect();
    let gaps: Vec<_> = gaps.into_iter().map(|start| TimeRange::new(start, start + 30 * SECOND)).collect();
    let model = Model::regular(0, PERIOD, 365 * DAY, &gaps);
    let (step, questions) = model.search(SECOND, Towards::Later, pw(31));
    println!("{questions} questions");
    assert!(is_within(step, Some(model.gaps(pw(31))[0])), "{step:?}");
}

#[test]
fn a_change_of_rate_is_no_gap() {
    for periods in
        [[PERIOD, 2 * PERIOD, PERIOD], [2 * PERIOD, PERIOD, 2 * PERIOD], [20_000_000, 16_666_667, 10_000_000]]
    {
        let mut runs: Vec<Run> = Vec::new();
        for period in periods {
            let start = runs.last().map_or(0, |run| run.last() + run.period);
            runs.push(Run { start, period, points: 60 * DAY / period });
        }
        let last = runs[2];
        runs.push(Run { start: last.last() + 5 * SECOND, ..last });
        let model = Model(runs);
        let (step, questions) = model.search(SECOND, Towards::Later, pw(31));
        println!("{periods:?}: {questions} questions");
        assert!(is_within(step, model.next(0, Towards::Later, pw(31))), "{step:?}");
        let (step, questions) = model.search(model.life().end - SECOND, Towards::Earlier, pw(31));
        println!("{periods:?} back: {questions} questions");
        assert!(is_within(step, model.next(model.life().end, Towards::Earlier, pw(31))), "{step:?}");
    }
}

#[test]
fn points_written_twice_hide_no_gap() {
    let gap = TimeRange::new(100 * DAY, 100 * DAY + 5 * SECOND);
    let model = Model::regular(0, PERIOD, 200 * DAY, &[gap]);
    let mut search = GapSearch::new(model.life(), DAY, Towards::Later, pw(31));
    let mut questions = 0;
    while let GapStep::Ask { range, width } = search.step() {
        let twice = |start: i64| u64::from((start..start + width.nanos() as i64).contains(&(50 * DAY))) * 600;
        let answer = model.answer(range, width, false);
        search.learn(answer.into_iter().map(|(start, count)| (start, count + twice(start))));
        questions += 1;
    }
    println!("{questions} questions");
    assert!(is_within(search.step(), model.next(DAY, Towards::Later, pw(31))), "{:?}", search.step());
    assert!(questions <= 8);
}

#[test]
fn clocks_that_drift_cost_few_questions() {
    // Up to forty millionths fast and slow over the year, by three in ten days.
    let mut runs: Vec<Run> = Vec::new();
    for tenth in 0..36_i64 {
        let off = 40 - (tenth * 4 % 160 - 80).abs();
        let start = runs.last().map_or(0, |run| run.last() + run.period);
        let period = PERIOD + off * 8;
        runs.push(Run { start, period, points: 10 * DAY / period });
    }
    let (start, last) = (runs[35].last() + 5 * SECOND, runs[35]);
    runs.push(Run { start, ..last });
    let model = Model(runs);
    let (step, questions) = model.search(DAY, Towards::Later, pw(31));
    println!("{questions} questions");
    assert!(is_within(step, model.next(0, Towards::Later, pw(31))), "{step:?}");
    assert!(questions <= 8, "{questions}");
}

#[test]
fn single_points_lost_here_and_there_are_no_gaps() {
    for (per_loss, limit) in [(10_000, 6), (1_000, 12), (100, MAX_QUESTIONS)] {
        let mut state = 7_u64;
        let there = (0..3_000_000_i64).filter(|&at| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            !(state >> 33).is_multiple_of(per_loss) && !(2_500_000..2_500_050).contains(&at)
        });
        let model = Model(there.map(|at| Run { start: at * 100_000_000, period: 1, points: 1 }).collect());
        let (step, questions) = model.search(SECOND, Towards::Later, pw(31));
        println!("one in {per_loss}: {questions} questions");
        assert!(is_within(step, model.next(SECOND, Towards::Later, pw(31))), "{step:?}");
        assert!(questions <= limit, "{questions}");
    }
}

#[test]
fn windows_narrower_than_the_pause_between_samples_are_widened() {
    let gap = TimeRange::new(100 * DAY, 100 * DAY + 40 * SECOND);
    let model = Model::regular(0, SECOND, 200 * DAY, &[gap]);
    for exponent in [0, 10, 20, 29, 30, 31] {
        for (from, towards) in [(DAY, Towards::Later), (199 * DAY, Towards::Earlier)] {
            let (step, questions) = model.search(from, towards, pw(exponent));
            println!("2^{exponent} ns, {towards:?}: {questions} questions");
            assert!(is_within(step, Some(model.gaps(pw(31))[0])), "{exponent}: {step:?}");
        }
    }
}

#[test]
fn going_on_visits_each_gap_once() {
    let day = [3_600, 3_700, 20_000, 40_000, 40_011, 86_399, 300_000, 4_000_000, 20_000_000];
    let gaps: Vec<_> = day.iter().map(|&at| TimeRange::new(at * SECOND, (at + 7) * SECOND)).collect();
    let model = Model::regular(0, PERIOD, 365 * DAY, &gaps);
    let real = model.gaps(pw(31));
    assert_eq!(real.len(), day.len());
    let (mut from, mut seen, mut most) = (1, Vec::new(), 0);
    while let (GapStep::Found(found), questions) = model.search(from, Towards::Later, pw(31)) {
        let gap = real.iter().find(|(_, empty)| empty.covers(found)).unwrap();
        seen.push(*gap);
        from = gap.0.start;
        most = most.max(questions);
    }
    assert_eq!(seen, real);
    assert_eq!(model.search(from, Towards::Later, pw(31)).0, GapStep::None);
    seen.clear();
    from = model.life().end;
    while let (GapStep::Found(found), questions) = model.search(from, Towards::Earlier, pw(31)) {
        let gap = real.iter().find(|(_, empty)| empty.covers(found)).unwrap();
        seen.push(*gap);
        from = gap.0.start;
        most = most.max(questions);
    }
    seen.reverse();
    assert_eq!(seen, real);
    println!("at most {most} questions");
}

#[test]
fn the_gap_one_is_in_is_found_looking_back_alone() {
    let gap = TimeRange::new(DAY, 2 * DAY);
    let model = Model::regular(0, PERIOD, 3 * DAY, &[gap]);
    let real = model.gaps(pw(31));
    assert_eq!(model.search(DAY + DAY / 2, Towards::Later, pw(31)).0, GapStep::None);
    let (step, _) = model.search(DAY + DAY / 2, Towards::Earlier, pw(31));
    assert!(is_within(step, Some(real[0])), "{step:?}");
    assert_eq!(model.search(real[0].0.start, Towards::Earlier, pw(31)).0, GapStep::None);
}

#[test]
fn windows_of_no_points_may_be_listed() {
    let model = year(&[100 * DAY]);
    let search = GapSearch::new(model.life(), 0, Towards::Later, pw(31));
    assert_eq!(model.settle(search.clone(), true), model.settle(search, false));
}

#[test]
fn what_is_no_search_ends_at_once() {
    let ends = [i64::MIN, btrdb_core::MIN_TIME, -1, 0, 1, btrdb_core::MAX_TIME, i64::MAX];
    for (start, end) in ends.into_iter().flat_map(|start| ends.map(|end| (start, end))) {
        for (from, exponent) in ends.into_iter().flat_map(|from| [0, 31, 56, 63].map(|exponent| (from, exponent))) {
            for towards in [Towards::Earlier, Towards::Later] {
                for model in [Model(Vec::new()), Model(vec![Run { start: 0, period: 1, points: 1 }])] {
                    let search = GapSearch::new(TimeRange::new(start, end), from, towards, pw(exponent));
                    let (step, questions) = model.settle(search, false);
                    assert!(questions <= 2 && step == GapStep::None, "{start} {end} {from} {exponent}: {step:?}");
                }
            }
        }
    }
}

#[test]
fn all_of_time_is_searched_up_to_the_first_data() {
    let model = Model::regular(0, PERIOD, 100 * DAY, &[]);
    let all = |from, towards| model.settle(GapSearch::new(TimeRange::ALL, from, towards, pw(31)), false).0;
    // The search starts in the nothing before the data, so that behind them is the next.
    assert!(matches!(all(i64::MIN, Towards::Later), GapStep::Found(gap) if gap.start >= model.life().end));
    assert!(matches!(all(i64::MAX, Towards::Earlier), GapStep::Found(gap) if gap.start >= model.life().end));
    assert!(matches!(all(DAY, Towards::Earlier), GapStep::Found(gap) if gap.end <= 0));
}

#[test]
fn data_that_come_at_any_time_end_the_search() {
    let mut state = 1_u64;
    let mut at = 0;
    let runs = (0..200_000).map(|_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // Pauses from a second to days, most short.
        at += SECOND << ((state >> 40).trailing_zeros() + (state >> 60) as u32 / 4).min(20);
        Run { start: at, period: 1, points: 1 }
    });
    let model = Model(runs.collect());
    for exponent in [0, 20, 31, 34, 38] {
        for towards in [Towards::Earlier, Towards::Later] {
            let (step, questions) = model.search(at / 2, towards, pw(exponent));
            println!("2^{exponent} ns {towards:?}: {step:?} after {questions}");
            assert!(questions <= MAX_QUESTIONS);
        }
    }
}

/// Gaps in units of thousandths of all time, and long as so many windows in eighths.
fn gaps_of(places: &[(i64, i64)], nanos: i64, width: PointWidth) -> Vec<TimeRange> {
    let mut gaps: Vec<TimeRange> = Vec::new();
    for &(place, eighths) in places {
        let start = nanos / 1_000 * place + place * 12_345;
        let gap = TimeRange::new(start, start + (width.nanos() / 8) as i64 * eighths);
        if gap.end < nanos && gaps.last().is_none_or(|last| last.end < gap.start) {
            gaps.push(gap);
        }
    }
    gaps
}

fn places() -> impl Strategy<Value = Vec<(i64, i64)>> {
    let eighths = prop_oneof![8 => 2_i64..40, 1 => 40_i64..100_000];
    prop::collection::btree_map(1_i64..999, eighths, 0..12).prop_map(|places| places.into_iter().collect())
}

proptest! {
    /// Against the list of all gaps, whose empty windows are known.
    #[test]
    fn regular_streams_agree_with_a_plain_list(
        places in places(), per_window in 4_i64..400, exponent in 24_u8..34, long in 10_u32..24, from in 0_i64..1_001,
        onto in 0..3, phase in any::<u32>(), is_later in any::<bool>(),
    ) {
        let (width, period) = (pw(exponent), (1_i64 << exponent) / per_window);
        let nanos = 1_i64 << (u32::from(exponent) + long);
        let start = i64::from(phase) * 1_000_003 - (1 << 51);
        let gaps: Vec<_> = gaps_of(&places, nanos, width).iter().map(|gap| TimeRange::new(start + gap.start, start + gap.end)).collect();
        let model = Model::regular(start, period, nanos, &gaps);
        let real = model.gaps(width);
        let from = match real.get(from as usize % real.len().max(1)) {
            Some((gap, _)) if onto == 1 => gap.start,
            Some((gap, _)) if onto == 2 => i64::midpoint(gap.start, gap.end),
            _ => start + nanos / 1_000 * from,
        };
        let towards = if is_later { Towards::Later } else { Towards::Earlier };
        let (step, questions) = model.search(from, towards, width);
        let expected = model.next(from, towards, width);
        prop_assert!(is_within(step, expected), "{:?} for {:?} after {}", step, expected, questions);
    }

    /// The same with samples up to a quarter of a period early or late.
    #[test]
    fn jitter_changes_nothing(
        places in places(), per_window in 16_i64..40, points in 1_000_i64..40_000, from in 0_i64..1_001, seed in any::<u32>(),
        is_later in any::<bool>(),
    ) {
        let (width, period) = (pw(30), (1_i64 << 30) / per_window);
        let gaps = gaps_of(&places, points * period, width);
        let times = (0..points).map(|at| {
            let noise = (at as u64 + u64::from(seed)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33;
            at * period + noise as i64 % (period / 2) - period / 4
        });
        let there = times.filter(|&time| !gaps.iter().any(|gap| gap.contains(time)));
        let model = Model(there.map(|start| Run { start, period: 1, points: 1 }).collect());
        let from = points * period / 1_000 * from;
        let towards = if is_later { Towards::Later } else { Towards::Earlier };
        let (step, questions) = model.search(from, towards, width);
        let expected = model.next(from, towards, width);
        prop_assert!(is_within(step, expected), "{:?} for {:?} after {}", step, expected, questions);
    }

    /// Whatever a server answers, the search ends.
    #[test]
    fn any_answer_ends_the_search(
        start in any::<i64>(), end in any::<i64>(), from in any::<i64>(), exponent in 0_u8..64, is_later in any::<bool>(),
        answers in prop::collection::vec(prop::collection::vec((any::<u16>(), prop_oneof![0_u64..9, any::<u64>()]), 0..200), 1..8),
    ) {
        let towards = if is_later { Towards::Later } else { Towards::Earlier };
        let mut search = GapSearch::new(TimeRange::new(start.min(end), start.max(end)), from, towards, pw(exponent));
        let mut questions = 0;
        while let GapStep::Ask { range, width } = search.step() {
            prop_assert!(!range.is_empty() && range.width() / width.nanos() <= WINDOWS, "{:?} {}", range, width);
            let answer = &answers[questions % answers.len()];
            search.learn(answer.iter().map(|&(at, count)| (range.start.wrapping_add((i64::from(at) << width.exponent()) / 32), count)));
            questions += 1;
            prop_assert!(questions <= MAX_QUESTIONS as usize);
        }
    }
}
