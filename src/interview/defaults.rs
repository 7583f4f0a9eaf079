//! What Enter means: what holds where nobody replies.

use super::Interview;
use crate::answers::draft::Draft;
use crate::answers::layer::Layer as _;
use crate::answers::raw::{Origin, Raw};
use crate::answers::{ServiceAnswers, StorageAnswers};
use crate::pack::Policy;
use crate::questions::Question;
use crate::resolve::defaults;
use crate::spec::name::mended;
use crate::spec::network::Via;
use crate::spec::number::Replicas;
use crate::spec::pack::Registry;
use crate::spec::word::Switch;

impl Interview<'_> {
    /// What was said or detected, else the preset's, else cofferdam's own.
    pub(super) fn default(&self, question: &Question<'_>, draft: &Draft) -> (Option<String>, Origin) {
        if let Some((value, origin)) = question.get(draft) {
            return (Some(value), origin);
        }
        let preset = Draft {
            service: self.preset().map(|preset| preset.defaults.clone()).unwrap_or_default(),
            ..Draft::default()
        };
        if let Some((value, origin)) = question.get(&preset) {
            return (Some(value), origin);
        }
        let service = draft.service.clone().over(preset.service);
        match question.key {
            "name" => (mended(&self.folder, 40).or_else(|| Some("app".to_owned())), Origin::Default),
            "image" => self.image(draft),
            // Cargo names the binary after the package.
            "build.entry" if self.preset().and_then(|preset| preset.toolchain.as_deref()) == Some("rust") => {
                (self.default_name(draft), Origin::Default)
            }
            "project" => (self.default_name(draft), Origin::Default),
            "namespace" => (
                draft.project.project.as_ref().map(|raw| raw.text.clone()).or_else(|| self.default_name(draft)),
                Origin::Default,
            ),
            "replicas.min" => (Some(fewest(&service)), Origin::Default),
            "replicas.max" => (said(&service.replicas.min).or_else(|| Some(fewest(&service))), Origin::Default),
            "expose.from-namespace" => (Some(route(&service).0.to_owned()), Origin::Default),
            "expose.through" => (Some(route(&service).1.to_owned()), Origin::Default),
            _ => (question.default.map(str::to_owned), Origin::Default),
        }
    }

    pub(super) fn default_name(&self, draft: &Draft) -> Option<String> {
        draft.name.as_ref().map(|raw| raw.text.clone()).or_else(|| mended(&self.folder, 40))
    }

    /// Registry and path from where the code lives, the tag from the app's own version.
    fn image(&self, draft: &Draft) -> (Option<String>, Origin) {
        // An image that exists already cannot be guessed.
        if self.preset().is_none_or(|preset| preset.dockerfile.is_none()) {
            return (None, Origin::Default);
        }
        let version = self.detected.version.clone().unwrap_or_default().replace('+', "-");
        let dynamic = version.is_empty() || !version.starts_with(|char: char| char.is_ascii_digit());
        let tag = if dynamic { "0.1.0".to_owned() } else { version };
        let Some(name) = self.default_name(draft) else {
            return (None, Origin::Default);
        };
        let is_allowed =
            |image: &String| self.pack.policies().all(|policy| policy.image_refusal(image, &name).is_none());
        if let Some(repository) = self.detected.repository.as_ref().filter(|_| self.joins.is_none()) {
            let image = Some(format!("{}:{tag}", repository.text)).filter(is_allowed);
            if image.is_some() {
                return (image, repository.origin.clone());
            }
        }
        let registries = self.pack.policies().flat_map(Policy::registries).map(Registry::as_str);
        let mut images = registries.chain([PLACEHOLDER_REGISTRY]).map(|registry| format!("{registry}/{name}:{tag}"));
        (images.find(is_allowed), Origin::Default)
    }
}

/// Stands for a registry that nobody named. Valid, and clearly nobody's.
pub const PLACEHOLDER_REGISTRY: &str = "registry.example.com";

fn said<T>(raw: &Option<Raw<T>>) -> Option<String> {
    raw.as_ref().map(|raw| raw.text.clone())
}

/// The pods that a service has where nobody says how many at least.
fn fewest(service: &ServiceAnswers) -> String {
    let keeps = |storage: &StorageAnswers| storage.keep.as_ref().is_some_and(|raw| raw.text == Switch::True.as_str());
    let usual = defaults::replicas(service.storage.iter().flatten().any(keeps));
    let number = |text: &str| text.parse::<Replicas>().ok();
    said(&service.replicas.max).filter(|most| number(most) < number(usual)).unwrap_or_else(|| usual.to_owned())
}

fn route(service: &ServiceAnswers) -> (&'static str, &'static str) {
    defaults::route(service.expose.via.as_ref().and_then(|raw| raw.text.parse().ok()).unwrap_or(Via::Gateway))
}
