//! What a pack insists on, whatever answers and edits say: a platform team's rules beside ours.

mod breaches;
mod refusals;

use std::fmt::Display;

use schemars::JsonSchema;
use serde::Deserialize;

use super::layer::kept;
use crate::answers::raw::Raw;
use crate::problem::Problem;
use crate::spec::number::Replicas;
use crate::spec::pack::{LabelKey, Registry};
use crate::spec::quantity::{Amount, Bytes, Cpu};
use crate::spec::scalar::{Refusal, Scalar};
use crate::spec::service::Relaxation;
use crate::spec::word::Word;

#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// Who insists, for messages.
    pack: String,
    registries: Vec<Registry>,
    labels: Vec<LabelKey>,
    no_exceptions: Vec<Relaxation>,
    memory: Limits<Bytes>,
    cpu: Limits<Cpu>,
    replicas: Limits<Replicas>,
}

#[derive(Clone, Copy, Debug)]
struct Limits<T> {
    min: Option<T>,
    max: Option<T>,
}

impl<T: Copy + Display + PartialOrd> Limits<T> {
    /// Why a pack does not allow a value, if it does not.
    fn refusal(&self, pack: &str, value: T) -> Option<Refusal> {
        let low = self.min.filter(|min| value < *min).map(|min| (format!("wants {min} at least"), min));
        let high = || self.max.filter(|max| value > *max).map(|max| (format!("allows {max} at most"), max));
        let (insists, bound) = low.or_else(high)?;
        Some(Refusal::new(format!("the pack `{pack}` {insists}"), format!("for example `{bound}`")))
    }

    /// The same where nothing is said: that is more than any limit.
    fn unlimited(&self, pack: &str) -> Option<Refusal> {
        let max = self.max?;
        Some(Refusal::new(format!("the pack `{pack}` allows {max} at most"), format!("for example `{max}`")))
    }
}

impl<T> Limits<T> {
    fn is_empty(&self) -> bool {
        self.min.is_none() && self.max.is_none()
    }
}

impl<T: Amount + Copy + Default + Display + PartialOrd> Limits<T> {
    /// The same for what a manifest says. Neither nothing nor what nobody can read is a limit.
    fn refusal_of(&self, pack: &str, said: Option<&str>) -> Option<Refusal> {
        let amount = said.and_then(T::read).filter(|amount| *amount != T::default());
        amount.map_or_else(|| self.unlimited(pack), |amount| self.refusal(pack, amount))
    }
}

impl<T> Default for Limits<T> {
    fn default() -> Self {
        Self { min: None, max: None }
    }
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct PolicyFile {
    /// Where the images of pods come from
    registries: Vec<Raw<Registry>>,
    /// Labels that every object of a service bears
    labels: Vec<Raw<LabelKey>>,
    /// Rules that no service may be excepted from
    no_exceptions: Vec<Raw<Relaxation>>,
    /// How much memory a container may be limited to
    memory: LimitsFile,
    /// How much CPU a container may be limited to
    cpu: LimitsFile,
    /// How many pods a service may have
    replicas: LimitsFile,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
struct LimitsFile {
    /// At least
    #[schemars(extend("examples" = ["64Mi"]))]
    min: Option<Raw<Word>>,
    /// At most
    #[schemars(extend("examples" = ["4Gi"]))]
    max: Option<Raw<Word>>,
}

impl LimitsFile {
    fn parse<T: Scalar + Copy + Display + PartialOrd>(&self, key: &str, problems: &mut Vec<Problem>) -> Limits<T> {
        let mut value = |raw: &Option<Raw<Word>>, bound: &str| {
            let raw = raw.as_ref()?;
            kept(Raw::<T>::new(raw.text.clone(), raw.origin.clone()).parse(&format!("{key}.{bound}")), problems)
        };
        let limits = Limits { min: value(&self.min, "min"), max: value(&self.max, "max") };
        if let (Some(min), Some(max), Some(raw)) = (limits.min, limits.max, &self.max)
            && min > max
        {
            let what = format!("`{key}.max` is {max}, and `{key}.min` is {min}");
            problems.push(
                Problem::new(what, "no service could be right", "let the larger one be `max`").at(raw.origin.place()),
            );
        }
        limits
    }
}

impl PolicyFile {
    /// What the pack of a name insists on; all that is wrong with it goes to `problems`.
    pub(super) fn parse(&self, pack: &str, problems: &mut Vec<Problem>) -> Policy {
        fn all<T: Scalar>(raw: &[Raw<T>], key: &str, problems: &mut Vec<Problem>) -> Vec<T> {
            raw.iter().filter_map(|raw| kept(raw.parse(key), problems)).collect()
        }
        Policy {
            pack: pack.to_owned(),
            registries: all(&self.registries, "registries", problems),
            labels: all(&self.labels, "labels", problems),
            no_exceptions: all(&self.no_exceptions, "no-exceptions", problems),
            memory: self.memory.parse("memory", problems),
            cpu: self.cpu.parse("cpu", problems),
            replicas: self.replicas.parse("replicas", problems),
        }
    }
}

impl Policy {
    /// Where the images of pods come from; anywhere, if there is none.
    pub fn registries(&self) -> &[Registry] {
        &self.registries
    }

    /// What every object of a service bears.
    pub fn labels(&self) -> &[LabelKey] {
        &self.labels
    }

    fn is_empty(&self) -> bool {
        let Self { pack: _, registries, labels, no_exceptions, memory, cpu, replicas } = self;
        let has_lists = !registries.is_empty() || !labels.is_empty() || !no_exceptions.is_empty();
        !has_lists && memory.is_empty() && cpu.is_empty() && replicas.is_empty()
    }

    /// Why the image of an app cannot come from where it does, if it cannot.
    pub fn image_refusal(&self, image: &str, app: &str) -> Option<Refusal> {
        let first = self.registries.first()?;
        let is_a_path = !image.split('/').any(|part| matches!(part, "" | "." | "..")) && !image.contains([' ', '%']);
        if is_a_path && self.registries.iter().any(|registry| registry.holds(image)) {
            return None;
        }
        let registries: Vec<&str> = self.registries.iter().map(Registry::as_str).collect();
        let why = format!("the pack `{}` allows images of {}", self.pack, registries.join(", "));
        Some(Refusal::new(why, format!("push it there, and name it so, for example `{first}/{app}:1.0.0`")))
    }
}
