//! The levels of a catalog, made once, and the lines that show some of them.

use super::{Row, RowKind};

/// The levels above streams, each before those below it; the first is the root.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    branches: Vec<Branch>,
    /// The branch of each stream.
    homes: Vec<u32>,
}

impl Default for Tree {
    fn default() -> Self {
        Self { branches: vec![Branch { part: String::new(), parent: 0, end: 1 }], homes: Vec::new() }
    }
}

#[derive(Clone, Debug)]
struct Branch {
    /// Its part of the path.
    part: String,
    parent: usize,
    /// The branch that follows all that are below this one.
    end: usize,
}

/// Where the streams of a collection are: in the order of lines, in which they follow all that lies deeper, and in which
/// branch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// Counts up along the lines.
    order: usize,
    /// The branch.
    pub(super) branch: u32,
}

/// How many streams that are shown are in each branch.
#[derive(Clone, Copy, Default)]
struct Count {
    /// At this very level, and at which place in what was found they begin.
    own: usize,
    first: usize,
    /// Here and below.
    all: usize,
    /// How many of the branches just below have any, and the last of these.
    below: usize,
    last: usize,
}

impl Tree {
    /// The tree of some collections, and where the streams of each are.
    pub(super) fn of<'a>(collections: impl Iterator<Item = &'a str>) -> (Self, Vec<Place>) {
        let mut paths: Vec<(Vec<&str>, usize)> =
            collections.enumerate().map(|(at, path)| (parts(path).collect(), at)).collect();
        paths.sort();
        let mut tree = Self::default();
        let mut places = vec![Place::default(); paths.len()];
        let mut open: Vec<usize> = vec![0];
        let mut left = 0;
        // A branch is left when the next path is not below it: its own streams come then.
        let mut orders = Vec::new();
        for (path, at) in &paths {
            let common =
                path.iter().zip(&open[1..]).take_while(|(part, branch)| **part == tree.branches[**branch].part);
            let common = common.count();
            tree.leave(&mut open, common, &mut orders, &mut left);
            for part in &path[common..] {
                let parent = open[open.len() - 1];
                open.push(tree.branches.len());
                tree.branches.push(Branch { part: (*part).to_owned(), parent, end: 0 });
            }
            places[*at].branch = open[open.len() - 1] as u32;
        }
        tree.leave(&mut open, 0, &mut orders, &mut left);
        orders.resize(tree.branches.len(), 0);
        orders[0] = left;
        tree.branches[0].end = tree.branches.len();
        for place in &mut places {
            place.order = orders[place.branch as usize];
        }
        (tree, places)
    }

    /// Leaves all but the first `keep` levels below the root.
    fn leave(&mut self, open: &mut Vec<usize>, keep: usize, orders: &mut Vec<usize>, left: &mut usize) {
        while open.len() > keep + 1 {
            let Some(branch) = open.pop() else { return };
            self.branches[branch].end = self.branches.len();
            orders.resize(self.branches.len(), 0);
            orders[branch] = *left;
            *left += 1;
        }
    }

    /// The tree with the branch of each stream.
    pub(super) fn with_homes(self, homes: Vec<u32>) -> Self {
        Self { homes, ..self }
    }

    /// The lines that show the streams at the places `found`.
    pub(super) fn rows(&self, found: &[u32], is_open: &dyn Fn(&str) -> bool) -> Vec<Row> {
        let counts = self.count(found);
        let mut rows = Vec::new();
        Lines { tree: self, counts: &counts, found, is_open }.list(0, "", 0, &mut rows);
        rows
    }

    /// The level with the most streams here and below of which there are several, but at most `most`: its path, the place of
    /// its first stream and how many there are. Where there is none, the same of the smallest above.
    pub(super) fn group(&self, most: usize) -> Option<(String, usize, usize)> {
        let all: Vec<_> = (0..self.homes.len() as u32).collect();
        let mut counts = self.count(&all);
        // Levels are in order, each before those below it, and streams in the order in which levels are left.
        for branch in (1..self.branches.len()).rev() {
            if branch + 1 < self.branches[branch].end {
                counts[branch].first = counts[branch + 1].first;
            }
        }
        let several = (1..self.branches.len()).filter(|&branch| counts[branch].all > 1);
        let worth = |branch: &usize| {
            let all = counts[*branch].all;
            if all <= most { (true, all as isize) } else { (false, -(all as isize)) }
        };
        let branch = several.max_by_key(worth)?;
        Some((self.path(branch), counts[branch].first, counts[branch].all))
    }

    fn path(&self, branch: usize) -> String {
        let Branch { part, parent, .. } = &self.branches[branch];
        if *parent == 0 { part.clone() } else { format!("{}/{part}", self.path(*parent)) }
    }

    fn count(&self, found: &[u32]) -> Vec<Count> {
        let mut counts = vec![Count::default(); self.branches.len()];
        for (at, &stream) in found.iter().enumerate() {
            let count = &mut counts[self.homes[stream as usize] as usize];
            if count.own == 0 {
                count.first = at;
            }
            count.own += 1;
        }
        for branch in (0..self.branches.len()).rev() {
            counts[branch].all += counts[branch].own;
            let (all, parent) = (counts[branch].all, self.branches[branch].parent);
            if all > 0 && branch > 0 {
                counts[parent].all += all;
                counts[parent].below += 1;
                counts[parent].last = branch;
            }
        }
        counts
    }
}

fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|part| !part.is_empty())
}

struct Lines<'a> {
    tree: &'a Tree,
    counts: &'a [Count],
    found: &'a [u32],
    is_open: &'a dyn Fn(&str) -> bool,
}

impl Lines<'_> {
    fn list(&self, branch: usize, path: &str, depth: usize, rows: &mut Vec<Row>) {
        let mut child = branch + 1;
        while child < self.tree.branches[branch].end {
            if self.counts[child].all > 0 {
                self.collection(child, path, depth, rows);
            }
            child = self.tree.branches[child].end;
        }
        let Count { own, first, .. } = self.counts[branch];
        let streams = &self.found[first..first + own];
        rows.extend(streams.iter().map(|&at| Row { depth, kind: RowKind::Stream(at as usize) }));
    }

    fn collection(&self, mut branch: usize, above: &str, depth: usize, rows: &mut Vec<Row>) {
        let mut label = self.tree.branches[branch].part.clone();
        let streams = self.counts[branch].all;
        // What only leads on to one further level is no level of its own.
        while let Count { own: 0, below: 1, last, .. } = self.counts[branch] {
            branch = last;
            label.push('/');
            label.push_str(&self.tree.branches[branch].part);
        }
        let path = if above.is_empty() { label.clone() } else { format!("{above}/{label}") };
        let open = (self.is_open)(&path);
        rows.push(Row { depth, kind: RowKind::Collection { path: path.clone(), label, streams, open } });
        if open {
            self.list(branch, &path, depth + 1, rows);
        }
    }
}
