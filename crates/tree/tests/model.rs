//! The tree against a plain sorted vector: random batches, duplicates, negative times and the edges of time.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::sync::{Arc, Mutex};

use btrdb_core::{LAST_TIME, MAX_TIME, MIN_TIME, MergePolicy, Point, PointWidth, RawColumns, Stat, TimeRange};
use btrdb_tree::{Address, Direction, Node, NodeError, Nodes, NodesMut, RangeSet, Root, Span, Tree, WindowGrid, codec};
use proptest::prelude::*;

/// Nodes in memory, kept as bytes so that every test goes through the codec.
#[derive(Debug, Default)]
struct Memory(Mutex<Vec<Vec<u8>>>);

impl Nodes for Memory {
    fn read(&self, address: Address, _span: Span) -> Result<Arc<Node>, NodeError> {
        let blocks = self.0.lock().unwrap();
        Ok(Arc::new(codec::decode(&blocks[address.get() as usize - 1]).unwrap()))
    }
}

impl NodesMut for &Memory {
    fn write(&mut self, node: Node) -> Address {
        let mut bytes = Vec::new();
        codec::encode(&node, &mut bytes);
        let mut blocks = self.0.lock().unwrap();
        blocks.push(bytes);
        Address::new(blocks.len() as u64).unwrap()
    }
}

/// The same stream twice: as a tree and as a list.
#[derive(Debug, Default)]
struct Twin {
    memory: Memory,
    version: u64,
    root: Option<Root>,
    list: Vec<Point>,
}

impl Twin {
    fn tree(&self) -> Tree<&Memory> {
        Tree::new(&self.memory, self.root)
    }

    fn insert(&mut self, points: &[Point], policy: MergePolicy) {
        self.version += 1;
        self.root = self.tree().insert(&mut &self.memory, points.to_vec(), policy, self.version).unwrap();
        for point in points {
            naive_insert(&mut self.list, *point, policy);
        }
    }

    fn delete(&mut self, range: TimeRange) {
        self.version += 1;
        self.root = self.tree().delete(&mut &self.memory, range, self.version).unwrap();
        self.list.retain(|point| !range.contains(point.time));
    }

    fn points(&self, range: TimeRange) -> Vec<Point> {
        points_of(self.tree(), range)
    }

    fn windows(&self, grid: WindowGrid) -> Vec<(i64, Stat)> {
        self.tree()
            .windows(grid)
            .map(|window| window.map(|window| (grid.window_start(window.index), window.stat)).unwrap())
            .collect()
    }
}

fn points_of(tree: Tree<&Memory>, range: TimeRange) -> Vec<Point> {
    let mut points = RawColumns::default();
    let mut leaves = tree.points(range);
    while leaves.next_into(&mut points).unwrap() {}
    points.iter().collect()
}

fn naive_insert(list: &mut Vec<Point>, point: Point, policy: MergePolicy) {
    let taken = list.iter().any(|old| old.time == point.time);
    match policy {
        MergePolicy::Equal if list.iter().any(|old| old.is_identical(&point)) => return,
        MergePolicy::Retain if taken => return,
        MergePolicy::Replace => list.retain(|old| old.time != point.time),
        _ => {}
    }
    let at = list.partition_point(|old| old.time <= point.time);
    list.insert(at, point);
}

fn naive_windows(list: &[Point], start: i64, width: u64, count: u64) -> Vec<(i64, Vec<Point>)> {
    let mut windows: Vec<(i64, Vec<Point>)> = Vec::new();
    for point in list {
        let offset = i128::from(point.time) - i128::from(start);
        if offset < 0 || offset / i128::from(width) >= i128::from(count) {
            continue;
        }
        let window = start + (offset / i128::from(width) * i128::from(width)) as i64;
        match windows.last_mut() {
            Some((time, points)) if *time == window => points.push(*point),
            _ => windows.push((window, vec![*point])),
        }
    }
    windows
}

fn check_windows(found: &[(i64, Stat)], expected: &[(i64, Vec<Point>)]) {
    assert_eq!(found.len(), expected.len(), "{found:?}\n{expected:?}");
    for ((time, stat), (expected_time, points)) in found.iter().zip(expected) {
        let expected = Stat::of(&points.iter().map(|point| point.value).collect::<Vec<_>>());
        assert_eq!((time, stat.count, stat.min, stat.max), (expected_time, expected.count, expected.min, expected.max));
        let scale = expected.min.abs().max(expected.max.abs()).max(1e-300);
        assert!((stat.mean - expected.mean).abs() <= 1e-12 * scale, "{stat:?} {expected:?}");
        assert!((stat.stddev() - expected.stddev()).abs() <= 1e-7 * scale, "{stat:?} {expected:?}");
    }
}

fn any_time() -> impl Strategy<Value = i64> {
    prop_oneof![
        4 => 0..2_000_i64,
        2 => -100_000_000..100_000_000_i64,
        2 => (0..2_000_i64).prop_map(|i| 1_283_299_200_000_000_000 + i * 10_000_000),
        1 => MIN_TIME..=LAST_TIME,
        1 => Just(MIN_TIME),
        1 => Just(LAST_TIME),
    ]
}

fn any_points() -> impl Strategy<Value = Vec<Point>> {
    let few = prop::collection::vec((any_time(), (-3..4_i32).prop_map(f64::from)), 0..60);
    let many = (any_time(), 1..50_000_i64, 900..2500_i64, any::<bool>()).prop_map(|(start, step, count, backwards)| {
        let mut points: Vec<_> =
            (0..count).map(|i| ((start + i * step).min(LAST_TIME), f64::from((i % 17) as i32) - 8.0)).collect();
        if backwards {
            points.reverse();
        }
        points
    });
    prop_oneof![3 => few, 1 => many]
        .prop_map(|points| points.into_iter().map(|(time, value)| Point { time, value }).collect())
}

fn any_range() -> impl Strategy<Value = TimeRange> {
    (any_time(), any_time()).prop_map(|(a, b)| TimeRange::new(a.min(b), a.max(b) + 1))
}

fn any_policy() -> impl Strategy<Value = MergePolicy> {
    prop_oneof![
        Just(MergePolicy::Never),
        Just(MergePolicy::Equal),
        Just(MergePolicy::Retain),
        Just(MergePolicy::Replace)
    ]
}

#[derive(Clone, Debug)]
enum Step {
    Insert(Vec<Point>, MergePolicy),
    Delete(TimeRange),
}

fn any_steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (any_points(), any_policy()).prop_map(|(points, policy)| Step::Insert(points, policy)),
        1 => any_range().prop_map(Step::Delete),
    ];
    prop::collection::vec(step, 1..6)
}

/// Every version of the stream: its root, and its points as a list.
type History = Vec<(Option<Root>, Vec<Point>)>;

fn run(steps: &[Step]) -> (Twin, History) {
    let mut twin = Twin::default();
    let mut history = vec![(twin.root, twin.list.clone())];
    for step in steps {
        match step {
            Step::Insert(points, policy) => twin.insert(points, *policy),
            Step::Delete(range) => twin.delete(*range),
        }
        history.push((twin.root, twin.list.clone()));
    }
    (twin, history)
}

/// Every slot of the tree says the truth about what is below it.
fn check_slots(memory: &Memory, span: Span, root: Root) {
    match &*memory.read(root.address, span).unwrap() {
        Node::Leaf(leaf) => {
            assert!(!leaf.points.is_empty());
            assert!(leaf.points.time.iter().all(|time| span.range().contains(*time)));
            assert_eq!(root.stat, Stat::of(&leaf.points.value));
        }
        Node::Core(core) => {
            assert!(!core.is_empty());
            assert_eq!(root.stat, core.stat());
            for (number, slot) in core.iter() {
                assert!(slot.version <= root.version);
                check_slots(memory, span.slot(number), slot);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn raw_values_and_old_versions(steps in any_steps(), range in any_range()) {
        let (twin, history) = run(&steps);
        if let Some(root) = twin.root {
            check_slots(&twin.memory, Span::ROOT, root);
        }
        for (root, list) in history {
            let expected: Vec<_> = list.iter().filter(|point| range.contains(point.time)).copied().collect();
            prop_assert_eq!(points_of(Tree::new(&twin.memory, root), range), expected);
            prop_assert_eq!(points_of(Tree::new(&twin.memory, root), TimeRange::ALL), list);
        }
    }

    #[test]
    fn aligned_windows(steps in any_steps(), range in any_range(), exponent in 0..=63_u8) {
        let (twin, _) = run(&steps);
        let width = PointWidth::new(exponent).unwrap();
        let grid = WindowGrid::aligned(range, width).unwrap();
        check_windows(
            &twin.windows(grid),
            &naive_windows(&twin.list, grid.range().start, width.nanos(), grid.count()),
        );
    }

    #[test]
    fn windows(
        steps in any_steps(),
        range in any_range(),
        width in prop_oneof![1..100_u64, 1..1_u64 << 62, 1..1_u64 << 40],
    ) {
        let (twin, _) = run(&steps);
        let range = range.intersect(TimeRange::new(MIN_TIME, MAX_TIME - 1));
        prop_assume!(!range.is_empty());
        let grid = WindowGrid::from_start(range, width).unwrap();
        prop_assert_eq!(u128::from(grid.count()), u128::from(range.width() / width));
        check_windows(&twin.windows(grid), &naive_windows(&twin.list, range.start, width, grid.count()));
    }

    #[test]
    fn nearest(steps in any_steps(), times in prop::collection::vec(any_time(), 1..20)) {
        let (twin, _) = run(&steps);
        let around = twin.list.iter().take(30).flat_map(|point| [point.time - 1, point.time, point.time + 1]);
        for time in times.into_iter().chain(around).chain([MIN_TIME, MAX_TIME - 1]) {
            let time = time.clamp(MIN_TIME, MAX_TIME - 1);
            let forward = twin.list.iter().find(|point| point.time >= time).copied();
            let backward = twin.list.iter().rev().find(|point| point.time < time).copied();
            prop_assert_eq!(twin.tree().nearest(time, Direction::Forward).unwrap(), forward);
            prop_assert_eq!(twin.tree().nearest(time, Direction::Backward).unwrap(), backward);
        }
    }

    #[test]
    fn changes(steps in any_steps(), exponent in 0..=63_u8) {
        let (twin, history) = run(&steps);
        let resolution = PointWidth::new(exponent).unwrap();
        for pair in history.windows(2) {
            let [(old_root, old), (new_root, new)] = pair else { unreachable!() };
            let found = all_changes(&Tree::new(&twin.memory, *new_root), *old_root, resolution);
            prop_assert_eq!(found, naive_changes(old, new, resolution));
        }
    }
}

/// All changes, with a stop wherever there can be one.
fn all_changes<N: Nodes>(tree: &Tree<N>, older: Option<Root>, resolution: PointWidth) -> Vec<TimeRange> {
    let (mut all, mut from) = (RangeSet::default(), Some(MIN_TIME));
    while let Some(start) = from {
        let part = tree.changes(older, resolution, start, 0).unwrap();
        assert!(part.until.is_none_or(|until| until > start), "it goes on");
        all = all.union(&part.found);
        from = part.until;
    }
    all.as_slice().to_vec()
}

fn naive_changes(old: &[Point], new: &[Point], resolution: PointWidth) -> Vec<TimeRange> {
    let mut times: Vec<i64> = old.iter().chain(new).map(|point| point.time).collect();
    times.sort_unstable();
    times.dedup();
    let mut ranges: Vec<TimeRange> = Vec::new();
    for time in times {
        let at = |list: &[Point]| -> Vec<u64> {
            list.iter().filter(|point| point.time == time).map(|point| point.value.to_bits()).collect()
        };
        if at(old) == at(new) {
            continue;
        }
        let start = resolution.floor(time);
        let end = (i128::from(start) + (1 << resolution.exponent())).min(i128::from(MAX_TIME)) as i64;
        let cell = TimeRange::new(start.max(MIN_TIME), end);
        match ranges.last_mut() {
            Some(last) if last.end >= cell.start => last.end = cell.end,
            _ => ranges.push(cell),
        }
    }
    ranges
}

fn at(pairs: &[(i64, f64)]) -> Vec<Point> {
    pairs.iter().map(|&(time, value)| Point { time, value }).collect()
}

fn twin_of(pairs: &[(i64, f64)]) -> Twin {
    let mut twin = Twin::default();
    twin.insert(&at(pairs), MergePolicy::Never);
    twin
}

#[test]
fn raw_values_of_the_protocol() {
    let twin = twin_of(&[(10, 0.0), (20, 0.0), (30, 0.0)]);
    let times =
        |start, end| -> Vec<i64> { twin.points(TimeRange::new(start, end)).iter().map(|point| point.time).collect() };
    assert_eq!(times(10, 30), [10, 20]);
    assert_eq!(times(20, 21), [20]);
    assert_eq!(times(21, 30), [0; 0]);
}

#[test]
fn aligned_windows_of_the_manual() {
    let start = 1_500_000_000_000_000_000;
    let pairs: Vec<_> = (0..10).map(|k| (start + k * 100_000_000, f64::from(k as i32 + 1))).collect();
    let twin = twin_of(&pairs);
    let range = TimeRange::new(start, start + 1_000_000_000);
    let grid = WindowGrid::aligned(range, PointWidth::new(28).unwrap()).unwrap();
    let rows: Vec<_> = twin
        .windows(grid)
        .into_iter()
        .map(|(time, stat)| (time, stat.min, stat.mean, stat.max, stat.count, stat.stddev()))
        .collect();
    assert_eq!(
        rows,
        [
            (1_499_999_999_814_008_832, 1.0, 1.0, 1.0, 1, 0.0),
            (1_500_000_000_082_444_288, 2.0, 3.0, 4.0, 3, 0.816_496_580_927_726),
            (1_500_000_000_350_879_744, 5.0, 6.0, 7.0, 3, 0.816_496_580_927_726),
            (1_500_000_000_619_315_200, 8.0, 8.5, 9.0, 2, 0.5),
        ]
    );
    let grid = WindowGrid::from_start(range, 300_000_000).unwrap();
    let rows: Vec<_> = twin
        .windows(grid)
        .into_iter()
        .map(|(time, stat)| (time - start, stat.mean, stat.count, stat.stddev()))
        .collect();
    let stddev = 0.816_496_580_927_726;
    assert_eq!(rows, [(0, 2.0, 3, stddev), (300_000_000, 5.0, 3, stddev), (600_000_000, 8.0, 3, stddev)]);
}

#[test]
fn windows_of_the_official_tests() {
    let twin = twin_of(&[(100, 0.0), (105, 1.0), (110, 2.0), (115, 3.0), (120, 4.0)]);
    let range = TimeRange::new(100, 121);
    let rows = |grid: WindowGrid| -> Vec<_> {
        twin.windows(grid).into_iter().map(|(time, stat)| (time, stat.count, stat.mean, stat.stddev())).collect()
    };
    assert_eq!(
        rows(WindowGrid::aligned(range, PointWidth::new(3).unwrap()).unwrap()),
        [(96, 1, 0.0, 0.0), (104, 2, 1.5, 0.5), (112, 1, 3.0, 0.0)]
    );
    assert_eq!(rows(WindowGrid::from_start(range, 10).unwrap()), [(100, 2, 0.5, 0.5), (110, 2, 2.5, 0.5)]);
}

#[test]
fn nearest_of_the_protocol() {
    let twin = twin_of(&[(80, 0.0), (100, 0.0)]);
    let near = |time, direction| twin.tree().nearest(time, direction).unwrap().map(|point| point.time);
    assert_eq!(near(100, Direction::Backward), Some(80));
    assert_eq!(near(100, Direction::Forward), Some(100));
    assert_eq!(near(80, Direction::Backward), None);
    assert_eq!(near(101, Direction::Forward), None);
    assert_eq!(near(101, Direction::Backward), Some(100));
    assert_eq!(Twin::default().tree().nearest(0, Direction::Forward).unwrap(), None);
}

#[test]
fn changes_of_the_protocol() {
    let mut twin = Twin::default();
    let batch = |from: i64| (from..from + 100).map(|time| Point { time, value: 1.0 }).collect::<Vec<_>>();
    twin.insert(&batch(0), MergePolicy::Never);
    let first = twin.root;
    twin.insert(&batch(300), MergePolicy::Never);
    let changes = |old: Option<Root>, exponent| all_changes(&twin.tree(), old, PointWidth::new(exponent).unwrap());
    assert_eq!(changes(first, 0), [TimeRange::new(300, 400)]);
    assert_eq!(changes(first, 4), [TimeRange::new(288, 400)]);
    assert_eq!(changes(None, 0), [TimeRange::new(0, 100), TimeRange::new(300, 400)]);
    assert_eq!(changes(twin.root, 0), []);
}

#[test]
fn more_points_at_one_time_than_a_leaf_holds() {
    let mut twin = Twin::default();
    let points: Vec<_> = (0..5000).map(|i| Point { time: 7, value: f64::from(i) }).collect();
    twin.insert(&points, MergePolicy::Never);
    assert_eq!(twin.points(TimeRange::ALL), points);
    let grid = WindowGrid::aligned(TimeRange::new(7, 8), PointWidth::MIN).unwrap();
    assert_eq!(twin.windows(grid)[0].1.count, 5000);
}

#[test]
fn an_insert_that_changes_nothing_keeps_the_root() {
    let mut twin = twin_of(&[(1, 1.0), (2, 2.0)]);
    let root = twin.root;
    twin.insert(&at(&[(2, 2.0)]), MergePolicy::Equal);
    assert_eq!(twin.root, root);
    twin.insert(&at(&[(2, 5.0)]), MergePolicy::Retain);
    assert_eq!(twin.root, root);
}
