//! The list of cases, brought into the form that every runner takes: one step after the other, nothing left to work out.

use std::collections::HashMap;

use saphyr::{Scalar, Yaml};
use serde_json::{Map, Value, json};

use crate::tables;
use crate::yaml::{as_double, integer, parse, plain};

/// All cases.
pub(crate) struct Plan {
    pub(crate) cases: Vec<Case>,
    /// Rows of `docs/parity.md` that no case covers, and why not.
    pub(crate) not_covered: HashMap<String, String>,
    /// Classes of Python's own that the official client raises, and what they are called here.
    pub(crate) called_here: HashMap<String, String>,
}

/// Some streams, and what is done with them.
pub(crate) struct Case {
    pub(crate) title: String,
    /// The uuid of each name.
    pub(crate) uuids: HashMap<String, String>,
    /// How each set is made.
    pub(crate) sets: Map<String, Value>,
    pub(crate) steps: Vec<Step>,
}

/// One call: of what, which, and with which arguments.
#[derive(Clone)]
pub(crate) struct Step {
    pub(crate) target: String,
    pub(crate) does: String,
    pub(crate) args: Map<String, Value>,
    pub(crate) expected: Expected,
}

/// What comes out, where it is not just the same for all.
#[derive(Clone, Default)]
pub(crate) struct Expected {
    pub(crate) python: Option<Value>,
    pub(crate) ours: Option<Value>,
    /// As JavaScript says it, if not as Rust does.
    pub(crate) js: Option<Value>,
    /// Why these differ.
    pub(crate) because: Option<String>,
    /// Python would never come back.
    pub(crate) not_by_python: bool,
}

impl Expected {
    /// Whether there is a reason for a difference, but no difference.
    pub(crate) fn is_no_difference(&self) -> bool {
        self.because.is_some() && self.python == self.ours && self.js.is_none()
    }
}

impl Plan {
    /// What the YAML `text` says.
    pub(crate) fn parse(text: &str) -> Self {
        let all = parse(text);
        let texts =
            |key| pairs(get(&all, key)).map(|(name, text)| (name.to_owned(), string(text).to_owned())).collect();
        let cases = list(get(&all, "cases")).iter().enumerate();
        let cases = cases.map(|(number, case)| Case::parse(number, case)).collect();
        Self { cases, not_covered: texts("not_covered"), called_here: texts("called_here") }
    }

    /// For the runners.
    pub(crate) fn to_json(&self) -> Value {
        let step = |step: &Step| {
            let not_run_by: &[&str] = if step.expected.not_by_python { &["python"] } else { &[] };
            json!({ "target": step.target, "do": step.does, "args": step.args, "not_run_by": not_run_by })
        };
        let case = |case: &Case| {
            let steps: Vec<Value> = case.steps.iter().map(step).collect();
            json!({ "uuids": case.uuids, "sets": case.sets, "steps": steps })
        };
        json!({ "cases": self.cases.iter().map(case).collect::<Vec<_>>() })
    }
}

impl Case {
    fn parse(number: usize, yaml: &Yaml<'_>) -> Self {
        let title = string(get(yaml, "case").expect("a case has a title")).to_owned();
        let collection = get(yaml, "in").map_or_else(|| format!("case/{number}"), |text| string(text).to_owned());
        let streams: Vec<(&str, &Yaml<'_>)> = pairs(get(yaml, "streams")).collect();
        let uuid = |place: usize| format!("00000000-0000-4000-8000-{number:08x}{place:04x}");
        let uuids =
            streams.iter().enumerate().map(|(place, (name, _))| ((*name).to_owned(), uuid(place + 1))).collect();
        let mut case = Self { title, uuids, sets: Map::new(), steps: Vec::new() };
        for (name, spec) in streams {
            case.make(name, spec, &collection);
        }
        for (name, spec) in pairs(get(yaml, "sets")) {
            let spec = case.arguments(spec);
            assert!(!case.uuids.contains_key(name), "{name} is a stream and a set: {}", case.title);
            case.sets.insert(name.to_owned(), spec.into());
        }
        for step in list(get(yaml, "steps")) {
            case.add(step);
        }
        case
    }

    /// The steps that make the stream `name`: nothing for a name alone, else its points, or `points` beside its properties.
    fn make(&mut self, name: &str, spec: &Yaml<'_>, collection: &str) {
        let (points, said) = match spec {
            Yaml::Value(Scalar::Null) => return,
            Yaml::Mapping(_) if get(spec, "from").is_none() => (get(spec, "points"), self.arguments(spec)),
            points => (Some(points), Map::new()),
        };
        let property = |key: &str, default: &str| said.get(key).and_then(Value::as_str).unwrap_or(default).to_owned();
        let tags = json!({ "name": property("name", name), "unit": property("unit", "V") });
        let annotations = said.get("annotations").cloned().unwrap_or_else(|| json!({}));
        let args =
            json!({ "collection": property("collection", collection), "tags": tags, "annotations": annotations });
        self.push(name, "create", args);
        if let Some(points) = points {
            self.push(name, "insert", json!({ "points": self.points(points), "merge": "never" }));
        }
    }

    fn push(&mut self, target: &str, does: &str, args: Value) {
        let Value::Object(args) = args else { panic!("arguments are an object") };
        let expected = Expected::default();
        self.steps.push(Step { target: target.to_owned(), does: does.to_owned(), args, expected });
    }

    /// `[target, call, arguments, what comes out]`, once for each of the values that an argument has under `each`.
    fn add(&mut self, yaml: &Yaml<'_>) {
        let step = list(Some(yaml));
        let expected = step.get(3).map(|expected| self.expected(expected)).unwrap_or_default();
        let mut all = vec![Map::new()];
        for (key, value) in pairs(step.get(2)) {
            let values: Vec<Value> = match get(value, "each") {
                Some(each) => each_of(each, |value| self.argument(key, value)),
                None => vec![self.argument(key, value)],
            };
            let with = |args: &Map<String, Value>, value: &Value| {
                let mut args = args.clone();
                args.insert(key.to_owned(), value.clone());
                args
            };
            all = all.iter().flat_map(|args| values.iter().map(|value| with(args, value))).collect();
        }
        let (target, does) = (string(&step[0]).to_owned(), string(&step[1]).to_owned());
        let steps = all.into_iter().map(|args| Step {
            target: target.clone(),
            does: does.clone(),
            args,
            expected: expected.clone(),
        });
        self.steps.extend(steps);
    }

    fn expected(&self, yaml: &Yaml<'_>) -> Expected {
        let said = |key: &str| get(yaml, key).map(|value| plain(value, &self.uuids));
        if let Some(both) = said("gives") {
            return Expected { python: Some(both.clone()), ours: Some(both), ..Expected::default() };
        }
        let because = said("because").and_then(|why| why.as_str().map(str::to_owned));
        assert!(because.is_some(), "a difference needs a reason: {yaml:?}");
        let python = said("python");
        let not_by_python = python == Some("never ends".into());
        let python = python.filter(|_| !not_by_python);
        Expected { python, ours: said("ours"), js: said("js"), because, not_by_python }
    }

    fn arguments(&self, yaml: &Yaml<'_>) -> Map<String, Value> {
        pairs(Some(yaml)).map(|(key, value)| (key.to_owned(), self.argument(key, value))).collect()
    }

    fn argument(&self, key: &str, yaml: &Yaml<'_>) -> Value {
        match key {
            "points" => match yaml {
                Yaml::Mapping(_) if get(yaml, "from").is_none() => self.by_stream(yaml, |points| self.points(points)),
                points => self.points(points),
            },
            "table" => tables::write(yaml).into(),
            "tables" => self.by_stream(yaml, |table| tables::write(table).into()),
            "schema" => tables::write_schema(yaml).into(),
            "sampling_frequency" => as_double(yaml),
            "filter" => match yaml {
                Yaml::Sequence(filters) => filters.iter().map(|filter| self.arguments(filter)).collect(),
                filter => json!([self.arguments(filter)]),
            },
            _ => plain(yaml, &self.uuids),
        }
    }

    fn by_stream(&self, yaml: &Yaml<'_>, form: impl Fn(&Yaml<'_>) -> Value) -> Value {
        pairs(Some(yaml)).map(|(name, data)| (self.uuids[name].clone(), form(data))).collect::<Map<_, _>>().into()
    }

    /// Pairs of time and value, or `from` a time on a `count` of them a `step` apart with these `values` again and again.
    fn points(&self, yaml: &Yaml<'_>) -> Value {
        if let Some(from) = get(yaml, "from") {
            let integer = |yaml: Option<&Yaml<'_>>| yaml.and_then(integer).expect("from, step and count are integers");
            let (from, step) = (integer(Some(from)), integer(get(yaml, "step")));
            let values = list(get(yaml, "values")).iter().map(as_double).collect::<Vec<_>>();
            let count = integer(get(yaml, "count"));
            let values = values.iter().cycle();
            return (0..count)
                .zip(values)
                .map(|(row, value)| json!([(from + row * step).to_string(), value]))
                .collect();
        }
        let point = |point: &Yaml<'_>| {
            let point = list(Some(point));
            json!([plain(&point[0], &self.uuids), as_double(&point[1])])
        };
        list(Some(yaml)).iter().map(point).collect()
    }
}

/// A list, or all integers `from` one `to` another.
fn each_of(yaml: &Yaml<'_>, form: impl Fn(&Yaml<'_>) -> Value) -> Vec<Value> {
    if let Yaml::Sequence(values) = yaml {
        return values.iter().map(form).collect();
    }
    let end = |key| get(yaml, key).and_then(Yaml::as_integer).expect("from and to are integers");
    (end("from")..=end("to")).map(|integer| form(&Yaml::Value(Scalar::Integer(integer)))).collect()
}

fn get<'a, 'b>(yaml: &'a Yaml<'b>, key: &str) -> Option<&'a Yaml<'b>> {
    yaml.as_mapping_get(key)
}

fn list<'a, 'b>(yaml: Option<&'a Yaml<'b>>) -> &'a [Yaml<'b>] {
    match yaml {
        None => &[],
        Some(Yaml::Sequence(items)) => items,
        Some(other) => panic!("{other:?} is no list"),
    }
}

fn pairs<'a, 'b>(yaml: Option<&'a Yaml<'b>>) -> impl Iterator<Item = (&'a str, &'a Yaml<'b>)> {
    let pairs = yaml.and_then(Yaml::as_mapping).into_iter().flatten();
    pairs.map(|(key, value)| (string(key), value))
}

fn string<'a>(yaml: &'a Yaml<'_>) -> &'a str {
    yaml.as_str().unwrap_or_else(|| panic!("{yaml:?} is no text"))
}
