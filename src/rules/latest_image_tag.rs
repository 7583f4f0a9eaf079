use super::context::{Subject, Violation};
use super::{Rule, Severity};

pub(super) static RULE: Rule = Rule {
    id: "latest-image-tag",
    severity: Severity::Medium,
    since: "0.1.0",
    summary: "a container runs whatever is newest",
    why: "two pods of one service could run different code, and no rollback brings the old one back",
    remedy: "name a tag, or better a digest",
    standards: &[],
    fields: &["image"],
    check,
};

fn check<'a>(subject: &Subject<'a>) -> Vec<Violation<'a>> {
    let mut violations = Vec::new();
    for container in subject.containers() {
        let image = container.image.unwrap_or_default();
        let tag = image.rsplit('/').next().and_then(|last| last.split_once(':')).map(|(_, tag)| tag);
        if !image.contains('@') && matches!(tag, None | Some("" | "latest")) {
            violations.push(
                container
                    .violation("image", format!("container `{}` runs {image}, which has no fixed tag", container.name)),
            );
        }
    }
    violations
}
