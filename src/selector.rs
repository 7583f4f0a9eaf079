//! Which pods a label selector meets.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use crate::manifest::Pods;

/// Whether a selector of a policy meets a pod's labels. An empty selector meets every pod.
pub fn selects(selector: Option<&LabelSelector>, labels: Option<&BTreeMap<String, String>>) -> bool {
    let Some(selector) = selector else {
        return true;
    };
    let value = |key: &str| labels.and_then(|labels| labels.get(key));
    let wanted = selector.match_labels.iter().flatten().all(|(key, wanted)| value(key) == Some(wanted));
    wanted
        && selector.match_expressions.iter().flatten().all(|expression| {
            let values = expression.values.as_deref().unwrap_or_default();
            let value = value(&expression.key);
            match expression.operator.as_str() {
                "In" => value.is_some_and(|value| values.contains(value)),
                "NotIn" => !value.is_some_and(|value| values.contains(value)),
                "Exists" => value.is_some(),
                _ => value.is_none(),
            }
        })
}

/// Pods by each of their labels, so that a selector looks at few of them, however many there are.
pub struct PodIndex<'a> {
    all: Vec<Pods<'a>>,
    by_label: BTreeMap<(&'a str, &'a str), Vec<usize>>,
}

impl<'a> PodIndex<'a> {
    pub fn new(pods: impl Iterator<Item = Pods<'a>>) -> Self {
        let all: Vec<Pods<'a>> = pods.collect();
        let mut by_label: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (place, pods) in all.iter().enumerate() {
            for (key, value) in pods.labels.into_iter().flatten() {
                by_label.entry((key.as_str(), value.as_str())).or_default().push(place);
            }
        }
        Self { all, by_label }
    }

    pub fn len(&self) -> usize {
        self.all.len()
    }

    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The places of the pods that a selector meets, in any namespace.
    pub fn places<'s>(&'s self, selector: Option<&'s LabelSelector>) -> impl Iterator<Item = usize> + use<'a, 's> {
        let labels = selector.and_then(|selector| selector.match_labels.as_ref());
        let rarest = labels
            .into_iter()
            .flatten()
            .map(|(key, value)| self.by_label.get(&(key.as_str(), value.as_str())).map_or(&[][..], Vec::as_slice))
            .min_by_key(|places| places.len());
        let all = if rarest.is_none() { 0..self.all.len() } else { 0..0 };
        rarest
            .unwrap_or_default()
            .iter()
            .copied()
            .chain(all)
            .filter(move |place| selects(selector, self.all[*place].labels))
    }

    /// The pods that a selector meets, in any namespace.
    pub fn met<'s>(&'s self, selector: Option<&'s LabelSelector>) -> impl Iterator<Item = Pods<'a>> + use<'a, 's> {
        self.places(selector).map(|place| self.all[place])
    }
}

impl<'a> std::ops::Index<usize> for PodIndex<'a> {
    type Output = Pods<'a>;

    fn index(&self, place: usize) -> &Pods<'a> {
        &self.all[place]
    }
}
