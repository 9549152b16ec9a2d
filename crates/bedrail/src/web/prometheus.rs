//! The text format that Prometheus reads (version 0.0.4): families with their help and kind, samples with labels.

use std::fmt::Write as _;

/// What a family's numbers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Goes up and down.
    Gauge,
    /// Only goes up.
    Counter,
    /// Counts in classes.
    Histogram,
}

/// A label's name and value.
pub(crate) type Label<'l> = (&'l str, &'l str);

/// A text that grows.
#[derive(Debug, Default)]
pub(crate) struct Text(String);

impl Text {
    /// Begins a family.
    pub(crate) fn family(&mut self, name: &str, kind: Kind, help: &str) {
        let kind = match kind {
            Kind::Gauge => "gauge",
            Kind::Counter => "counter",
            Kind::Histogram => "histogram",
        };
        self.line(format_args!("# HELP {name} {help}\n# TYPE {name} {kind}"));
    }

    /// A sample.
    pub(crate) fn sample(&mut self, name: &str, labels: &[Label<'_>], value: f64) {
        let labels = braced(labels, None);
        self.line(format_args!("{name}{labels} {value}"));
    }

    /// A sample that is a whole number.
    pub(crate) fn count(&mut self, name: &str, labels: &[Label<'_>], value: u64) {
        let labels = braced(labels, None);
        self.line(format_args!("{name}{labels} {value}"));
    }

    /// The samples of a histogram: `classes` has one more than `bounds`, for what is beyond.
    pub(crate) fn histogram(
        &mut self,
        name: &str,
        labels: &[Label<'_>],
        bounds: &[f64],
        classes: &[u64],
        sum: f64,
    ) {
        let mut all = 0;
        for (at, class) in classes.iter().enumerate() {
            all += class;
            let bound = bounds.get(at).map_or("+Inf".to_owned(), f64::to_string);
            let labels = braced(labels, Some(("le", &bound)));
            self.line(format_args!("{name}_bucket{labels} {all}"));
        }
        self.sample(&format!("{name}_sum"), labels, sum);
        self.count(&format!("{name}_count"), labels, all);
    }

    fn line(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing into memory does not fail.
        let _ = writeln!(self.0, "{text}");
    }

    /// What was written.
    pub(crate) fn into_string(self) -> String {
        self.0
    }
}

fn braced(labels: &[Label<'_>], last: Option<Label<'_>>) -> String {
    let all: Vec<String> = labels
        .iter()
        .copied()
        .chain(last)
        .map(|(name, value)| {
            let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            format!("{name}=\"{value}\"")
        })
        .collect();
    if all.is_empty() { String::new() } else { format!("{{{}}}", all.join(",")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_written_as_prometheus_reads_them() {
        let mut text = Text::default();
        text.family("jobs", Kind::Gauge, "Jobs");
        text.count("jobs", &[("kind", "a \"b\"\\\n")], 3);
        text.family("took", Kind::Histogram, "Took");
        text.histogram("took", &[("route", "/x")], &[0.1, 1.0], &[2, 1, 1], 3.5);
        let wanted = "# HELP jobs Jobs\n# TYPE jobs gauge\njobs{kind=\"a \\\"b\\\"\\\\\\n\"} 3\n\
            # HELP took Took\n# TYPE took histogram\n\
            took_bucket{route=\"/x\",le=\"0.1\"} 2\ntook_bucket{route=\"/x\",le=\"1\"} 3\n\
            took_bucket{route=\"/x\",le=\"+Inf\"} 4\ntook_sum{route=\"/x\"} 3.5\ntook_count{route=\"/x\"} 4\n";
        assert_eq!(text.into_string(), wanted);
    }
}
