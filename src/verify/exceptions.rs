//! Who excepts from a rule: answers do, each with its reason, and no template.

use crate::plan::{Plan, Subject as About};
use crate::problem::Problem;
use crate::rules::{Subject, exception_key};

/// The exceptions in objects that no answer asked for.
pub(super) fn check(subject: &Subject<'_>, plan: &Plan) -> Vec<Problem> {
    let mut problems = Vec::new();
    for object in subject.objects {
        let about = plan.files.iter().find(|file| file.path == object.path).map(|file| file.subject);
        let services = about.filter(|about| matches!(about, About::Service(_))).map(|about| plan.services(about));
        let asked_for = services.into_iter().flatten().flat_map(|service| &service.exceptions);
        let asked_for: Vec<String> = asked_for.map(|exception| exception_key(exception.rule.as_str())).collect();
        let annotations = object.metadata.annotations.iter().flat_map(|annotations| annotations.keys());
        for key in annotations.filter(|key| key.starts_with(&exception_key("")) && !asked_for.contains(key)) {
            let what = format!("{}: the annotation `{key}` excepts it from a rule", object.title());
            let why = "answers do that, with a reason, and no template";
            let help = "remove it, and mend what needs it; or let `exceptions` of the service say so";
            let pointer = format!("/metadata/annotations/{}", key.replace('/', "~1"));
            problems.push(Problem::new(what, why, help).at(Some(object.place(&pointer))));
        }
    }
    problems
}
