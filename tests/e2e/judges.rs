//! Independent judges look at every preset in every case. What they find and we keep stands in `cofferdam::scanners`;
//! a finding without a row there fails the proof, and so does a row without a finding.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use cofferdam::generate::Generated;
use cofferdam::kubernetes::KubeVersion;
use cofferdam::scanners::KEPT;
use cofferdam::verify;
use serde_json::Value;
use tempfile::TempDir;

use crate::cases::{every_case, every_case_for};
use crate::engine::{Engine, Tools, output};
use crate::{Proof, Verdict};

pub(crate) fn proofs() -> Vec<Proof> {
    let mut proofs: Vec<Proof> = KubeVersion::ALL
        .iter()
        .flat_map(|version| {
            [
                Proof::new(format!("judges::kubeconform::{version}"), Engine::Judges, |tools| {
                    kubeconform(tools, *version)
                }),
                Proof::new(format!("judges::kubernetes_validate::{version}"), Engine::Judges, |tools| {
                    kubernetes_validate(tools, *version)
                }),
            ]
        })
        .collect();
    proofs.push(Proof::new("judges::hadolint", Engine::Judges, hadolint));
    proofs.push(Proof::new("judges::checkov", Engine::Judges, checkov));
    proofs.push(Proof::new("judges::kube_score", Engine::Judges, kube_score));
    proofs.push(Proof::new("judges::they_can_refuse", Engine::Judges, they_can_refuse));
    proofs
}

/// The cases as folders of files.
struct Written {
    folder: TempDir,
    cases: Vec<(String, Generated)>,
}

impl Written {
    fn new(cases: Vec<(String, Generated)>) -> Self {
        // checkov passes over hidden folders, and tempfile's names begin with a dot.
        let folder = tempfile::Builder::new().prefix("cases-").tempdir().unwrap();
        for (case, generated) in &cases {
            for (path, text) in generated.files.files() {
                let path = folder.path().join(case).join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, &**text).unwrap();
            }
        }
        Self { folder, cases }
    }

    fn files(&self, wanted: impl Fn(&str) -> bool) -> Vec<PathBuf> {
        let below = |(case, generated): &(String, Generated)| -> Vec<PathBuf> {
            let paths = generated.files.files().keys().filter(|path| wanted(path));
            paths.map(|path| self.folder.path().join(case).join(path)).collect()
        };
        self.cases.iter().flat_map(below).collect()
    }

    /// Everything that is sent to a cluster: a kustomization stays with the client.
    fn manifests(&self) -> Vec<PathBuf> {
        self.files(|path| verify::is_manifest(path) && !path.ends_with("/kustomization.yaml"))
    }
}

fn kubeconform(tools: &Tools, version: KubeVersion) -> Verdict {
    let written = Written::new(every_case_for(version));
    let files = written.manifests();
    let (_, found, said) = output(conform(tools, version)?.args(&files))?;
    let report: Value = serde_json::from_str(&found).map_err(|error| format!("{error}: {said}"))?;
    let count = |field: &str| report["summary"][field].as_u64().unwrap_or(u64::MAX);
    let valid = count("valid");
    if count("invalid") + count("errors") + count("skipped") > 0 || valid == 0 {
        return Err(report["resources"].to_string());
    }
    Ok(format!("{valid} objects of {} files are valid", files.len()))
}

fn conform(tools: &Tools, version: KubeVersion) -> Result<std::process::Command, String> {
    let mut command = tools.command("kubeconform");
    command.args(["-strict", "-output", "json", "-summary", "-kubernetes-version", &format!("{version}.0")]);
    command.args(["-schema-location", tools.variable("COFFERDAM_SCHEMAS")?]);
    Ok(command)
}

fn kubernetes_validate(tools: &Tools, version: KubeVersion) -> Verdict {
    let written = Written::new(every_case_for(version));
    let files = written.manifests();
    let (ok, found, said) =
        output(tools.command("kubernetes-validate").args(["--strict", "-k", version.as_str()]).args(&files))?;
    // It knows no HTTPRoute, and only says so.
    let passed = format!("{found}{said}").lines().filter(|line| line.contains("passed")).count();
    if !ok || passed == 0 { Err(format!("{found}{said}")) } else { Ok(format!("{passed} objects passed")) }
}

fn hadolint(tools: &Tools) -> Verdict {
    let written = Written::new(every_case());
    let files = written.files(verify::is_dockerfile);
    let (_, found, said) = output(
        tools
            .command("hadolint")
            .args(["--disable-ignore-pragma", "--failure-threshold", "style", "-f", "json"])
            .args(&files),
    )?;
    let findings: Vec<Value> = serde_json::from_str(&found).map_err(|error| format!("{error}: {said}"))?;
    if findings.is_empty() && !files.is_empty() {
        Ok(format!("{} Dockerfiles, no finding", files.len()))
    } else {
        Err(found)
    }
}

/// A finding: the check, the case, and the name of the object.
type Findings = BTreeSet<(String, String, String)>;

fn checkov(tools: &Tools) -> Verdict {
    let written = Written::new(every_case());
    let mut command = tools.command("checkov");
    for (case, _) in &written.cases {
        // Each by itself: policies of one case must not excuse another.
        command.arg("-d").arg(written.folder.path().join(case));
    }
    command.args(["--framework", "kubernetes", "dockerfile", "--skip-download", "--quiet", "--compact", "-o", "json"]);
    let (_, found, said) = output(&mut command)?;
    let mut findings = Findings::new();
    let mut passed = 0;
    // One document for each folder, or a list of them.
    for document in serde_json::Deserializer::from_str(&found).into_iter::<Value>() {
        let document = document.map_err(|error| format!("{error}: {said}"))?;
        let reports = document.as_array().cloned().unwrap_or_else(|| vec![document]);
        for report in reports {
            passed += report["summary"]["passed"].as_u64().unwrap_or(0);
            let results = ["failed_checks", "skipped_checks"].map(|kind| report["results"][kind].as_array().cloned());
            for check in results.into_iter().flatten().flatten() {
                let path = PathBuf::from(text(&check["file_abs_path"]));
                // A workload is called `Deployment.shop.checkout` there.
                let name = text(&check["resource"]).rsplit('.').next().unwrap_or_default().to_owned();
                let name = service_of(&written, &case_of(&written, &path)?, name);
                findings.insert((text(&check["check_id"]), case_of(&written, &path)?, name));
            }
        }
    }
    if passed == 0 {
        return Err(format!("checkov looked at nothing: {said}"));
    }
    compare("checkov", &written, findings).map(|kept| format!("{passed} checks passed, {kept} findings kept"))
}

fn kube_score(tools: &Tools) -> Verdict {
    let written = Written::new(every_case());
    let mut findings = Findings::new();
    let mut passed = 0;
    for (case, _) in &written.cases {
        let root = written.folder.path().join(case);
        let files: Vec<PathBuf> = written.manifests().into_iter().filter(|path| path.starts_with(&root)).collect();
        let (_, found, said) = output(
            tools
                .command("kube-score")
                .args([
                    "score",
                    "--all-default-optional",
                    "--exit-one-on-warning",
                    "--disable-ignore-checks-annotations",
                ])
                .args(["--kubernetes-version", &format!("v{}", KubeVersion::DEFAULT), "-o", "json"])
                .args(files),
        )?;
        let objects: Vec<Value> = serde_json::from_str(&found).map_err(|error| format!("{case}: {error}: {said}"))?;
        for object in objects {
            for check in object["checks"].as_array().into_iter().flatten().filter(|check| check["skipped"] != true) {
                if check["grade"].as_u64().unwrap_or(0) < 10 {
                    let name = service_of(&written, case, text(&object["object_meta"]["name"]));
                    findings.insert((text(&check["check"]["id"]), case.clone(), name));
                } else {
                    passed += 1;
                }
            }
        }
    }
    compare("kube-score", &written, findings).map(|kept| format!("{passed} checks passed, {kept} findings kept"))
}

/// What a scanner found against what the table says it finds, in both directions.
fn compare(scanner: &str, written: &Written, findings: Findings) -> Result<usize, String> {
    let mut expected = Findings::new();
    for (case, generated) in &written.cases {
        for service in &generated.plan.project.services {
            for row in KEPT.iter().filter(|row| row.scanner == scanner && (row.applies)(service)) {
                expected.insert((row.check.to_owned(), case.clone(), service.name.to_string()));
            }
        }
    }
    let checks: BTreeSet<&str> = expected.iter().map(|(check, ..)| check.as_str()).collect();
    let unused = KEPT.iter().filter(|row| row.scanner == scanner && !checks.contains(row.check));
    let mut wrong: Vec<String> = unused.map(|row| format!("no case needs the row {}", row.check)).collect();
    wrong.extend(findings.difference(&expected).map(|finding| format!("found, and in no row: {finding:?}")));
    wrong.extend(expected.difference(&findings).map(|finding| format!("in a row, and not found: {finding:?}")));
    if wrong.is_empty() { Ok(findings.len()) } else { Err(wrong.join("\n")) }
}

/// The service that an object belongs to: a Job's name goes on after it.
fn service_of(written: &Written, case: &str, name: String) -> String {
    let of_case = written.cases.iter().filter(|(known, _)| known == case);
    let names =
        of_case.flat_map(|(_, generated)| generated.plan.project.services.iter().map(|service| service.name.as_str()));
    names
        .filter(|service| name.strip_prefix(service).is_some_and(|rest| rest.is_empty() || rest.starts_with('-')))
        .max_by_key(|service| service.len())
        .map_or(name.clone(), str::to_owned)
}

fn case_of(written: &Written, path: &Path) -> Result<String, String> {
    let root = written.folder.path().canonicalize().map_err(|error| error.to_string())?;
    let below = path.strip_prefix(&root).map_err(|_| format!("{} is in no case", path.display()))?;
    Ok(below.iter().take(2).map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/"))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Judges that find nothing prove something only where they find what is there.
fn they_can_refuse(tools: &Tools) -> Verdict {
    let mut written = Written::new(every_case());
    written.cases.retain(|(case, _)| case == "rust/web");
    let root = written.folder.path().join("rust/web");
    let deployment = root.join("deploy/checkout/deployment.yaml");
    let dockerfile = root.join("Dockerfile");
    let edit = |path: &Path, from: &str, to: &str| {
        let text = fs::read_to_string(path).unwrap();
        assert!(text.contains(from), "{from} is not in {}", path.display());
        fs::write(path, text.replace(from, to)).unwrap();
    };
    edit(&deployment, "allowPrivilegeEscalation: false", "allowPrivilegeEscalation: true");
    edit(&deployment, "readOnlyRootFilesystem: true", "readOnlyRootFileSystem: true");
    edit(&dockerfile, "USER 65532:65532", "RUN apt-get install curl");
    let (conforms, ..) = output(conform(tools, KubeVersion::DEFAULT)?.arg(&deployment))?;
    let (validates, ..) =
        output(tools.command("kubernetes-validate").args(["--strict", "-k", "1.37"]).arg(&deployment))?;
    let (lints, ..) = output(tools.command("hadolint").arg(&dockerfile))?;
    let (scores, ..) = output(tools.command("kube-score").args(["score", "-o", "json"]).arg(&deployment))?;
    let (_, checked, _) = output(tools.command("checkov").arg("-f").arg(&deployment).args([
        "--framework",
        "kubernetes",
        "--quiet",
        "--skip-download",
        "--compact",
    ]))?;
    let believed: Vec<&str> = [
        (conforms, "kubeconform"),
        (validates, "kubernetes-validate"),
        (lints, "hadolint"),
        (scores, "kube-score"),
        (!checked.contains("CKV_K8S_20"), "checkov"),
    ]
    .into_iter()
    .filter_map(|(accepted, name)| accepted.then_some(name))
    .collect();
    if believed.is_empty() {
        Ok("5 of 5 judges refuse what was weakened".to_owned())
    } else {
        Err(format!("nothing is wrong for {believed:?}"))
    }
}
