//! A real API server admits everything that is generated, without a warning, and refuses what is weakened.

use std::time::Duration;

use cofferdam::answers::raw::Raw;
use cofferdam::generate::Generated;
use cofferdam::kubernetes::KubeVersion;
use serde_json::{Value, json};

use crate::cases::{every_case_for, every_case_with, target};
use crate::cluster::{Cluster, collection, documents, kind, name};
use crate::engine::{Engine, Tools};
use crate::{Proof, Verdict};

/// The oldest and the newest supported version, whose servers `tests/engines/cluster` builds.
const VERSIONS: [KubeVersion; 2] = [KubeVersion::V1_33, KubeVersion::V1_37];

pub(crate) fn proofs() -> Vec<Proof> {
    VERSIONS
        .into_iter()
        .flat_map(|version| {
            let name = |what: &str| format!("cluster::{version}::{what}");
            [
                Proof::new(name("admits_every_case"), Engine::Cluster, move |tools| admits(tools, version)),
                Proof::new(name("refuses_weakened_pods"), Engine::Cluster, move |tools| refuses(tools, version)),
                Proof::new(name("takes_the_next_version"), Engine::Cluster, move |tools| upgrades(tools, version)),
            ]
        })
        .collect()
}

/// A case's objects, in the order in which its kustomization names them.
fn objects(generated: &Generated) -> Result<Vec<Value>, String> {
    let files = generated.files.files();
    let (path, text) = files.iter().find(|(path, _)| path.ends_with("kustomization.yaml")).ok_or("no kustomization")?;
    let folder = path.trim_end_matches("kustomization.yaml");
    let mut all = Vec::new();
    for resource in documents(path, text)?[0]["resources"].as_array().into_iter().flatten() {
        let path = format!("{folder}{}", resource.as_str().unwrap_or_default());
        all.extend(documents(&path, files.get(&path).ok_or_else(|| format!("{path} is not written"))?)?);
    }
    Ok(all)
}

fn admits(tools: &Tools, version: KubeVersion) -> Verdict {
    let cluster = Cluster::start(tools, version.as_str())?;
    let (mut applied, mut admitted) = (0, 0);
    let cases = every_case_with(|answers| target(answers, version));
    for (case, generated) in &cases {
        let counts = admit(&cluster, generated).map_err(|problem| format!("{case}: {problem}"))?;
        applied += counts.0;
        admitted += counts.1;
    }
    Ok(format!(
        "{} cases, {applied} objects applied, {admitted} pods of the largest rollouts admitted, no warning",
        cases.len()
    ))
}

fn admit(cluster: &Cluster<'_>, generated: &Generated) -> Result<(usize, usize), String> {
    let objects = objects(generated)?;
    for object in &objects {
        let answer = cluster.apply(object)?;
        accepted(object, &answer)?;
        if kind(object) == "ResourceQuota" {
            publish(cluster, object)?;
        }
    }
    // Applying again changes nothing: what the server stores is what we say.
    for object in objects.iter().filter(|object| kind(object) != "ResourceQuota") {
        let path = format!("{}/{}", collection(object), name(object));
        let before = cluster.call("GET", &path, None)?.body["metadata"]["generation"].clone();
        let answer = cluster.apply(object)?;
        accepted(object, &answer)?;
        if answer.body["metadata"]["generation"] != before {
            return Err(format!("{} {} changes whenever it is applied", kind(object), name(object)));
        }
    }
    let admitted = roll_out(cluster, &objects)?;
    Ok((objects.len(), admitted))
}

fn accepted(object: &Value, answer: &crate::cluster::Answer) -> Result<(), String> {
    let what = format!("{} {}", kind(object), name(object));
    if !answer.warnings.is_empty() {
        return Err(format!("{what}: warning {:?}", answer.warnings));
    }
    if matches!(answer.status, 200 | 201) { Ok(()) } else { Err(format!("{what}: {}", answer.message())) }
}

/// What the quota controller does: until the status says how much there is, admission counts nothing.
fn publish(cluster: &Cluster<'_>, quota: &Value) -> Result<(), String> {
    let hard = quota["spec"]["hard"].clone();
    let used: Value = hard
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, _)| (key.clone(), json!("0")))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let path = format!("{}/{}/status", collection(quota), name(quota));
    let answer = cluster.merge(&path, &json!({ "status": { "hard": hard, "used": used } }))?;
    accepted(quota, &answer)?;
    let namespace = quota["metadata"]["namespace"].as_str().unwrap_or_default();
    // A Service of a kind that the quota forbids shows when it is in force.
    let forbidden = json!({
        "apiVersion": "v1", "kind": "Service", "metadata": { "name": "forbidden", "namespace": namespace },
        "spec": { "type": "NodePort", "ports": [ { "port": 1 } ] },
    });
    cluster.wait(Duration::from_secs(20), "the quota is not in force", |cluster| {
        cluster.create(&forbidden, true).is_ok_and(|answer| answer.status == 403)
    })
}

/// Every pod that the controllers would hold at once in the largest rollout, and then one too many.
fn roll_out(cluster: &Cluster<'_>, objects: &[Value]) -> Result<usize, String> {
    let workloads: Vec<&Value> = objects.iter().filter(|object| pod_template(object).is_some()).collect();
    let mut admitted = 0;
    for workload in &workloads {
        let scaler = objects.iter().find(|object| {
            kind(object) == "HorizontalPodAutoscaler"
                && object["spec"]["scaleTargetRef"]["name"] == workload["metadata"]["name"]
        });
        let replicas = workload["spec"]["replicas"].as_u64();
        let most = scaler.and_then(|scaler| scaler["spec"]["maxReplicas"].as_u64()).or(replicas).unwrap_or(1);
        let surge = match &workload["spec"]["strategy"]["rollingUpdate"]["maxSurge"] {
            Value::Number(surge) => surge.as_u64().unwrap_or(0),
            _ if kind(workload) == "Deployment" => {
                return Err("a Deployment says how many pods an update adds".to_owned());
            }
            _ => 0,
        };
        for number in 0..most + surge {
            create_pod(cluster, workload, number)?;
            admitted += 1;
        }
    }
    // The quota is finite, and what it counts in pods it holds in CPU, memory and disk too.
    let quota = objects.iter().find(|object| kind(object) == "ResourceQuota").ok_or("no quota")?;
    let hard: usize =
        quota["spec"]["hard"]["pods"].as_str().and_then(|pods| pods.parse().ok()).ok_or("no limit of pods")?;
    let mut number = 1000;
    loop {
        let refused = workloads.iter().map(|workload| create_pod(cluster, workload, number)).collect::<Vec<_>>();
        admitted += refused.iter().filter(|result| result.is_ok()).count();
        if refused.iter().all(Result::is_err) {
            let reasons: Vec<String> = refused.into_iter().filter_map(Result::err).collect();
            if let Some(other) = reasons.iter().find(|reason| !reason.contains("exceeded quota")) {
                return Err(other.clone());
            }
            break;
        }
        if admitted > hard {
            return Err(format!("the quota of {hard} pods admits {admitted}"));
        }
        number += 1;
    }
    // Of one kind of pod, every amount in the quota ends with the last pod that it counts.
    if workloads.len() == 1 && admitted != hard {
        return Err(format!("the quota of {hard} pods has room for {admitted}"));
    }
    Ok(admitted)
}

fn pod_template(workload: &Value) -> Option<&Value> {
    let spec = &workload["spec"];
    let spec = if kind(workload) == "CronJob" { &spec["jobTemplate"]["spec"] } else { spec };
    spec.get("template").filter(|_| ["Deployment", "StatefulSet", "Job", "CronJob"].contains(&kind(workload)))
}

/// The pod that a workload's controller would create.
fn pod(workload: &Value, number: u64) -> Value {
    let template = pod_template(workload).cloned().unwrap_or_default();
    let mut pod =
        json!({ "apiVersion": "v1", "kind": "Pod", "metadata": template["metadata"], "spec": template["spec"] });
    pod["metadata"]["name"] = json!(format!("{}-{number}", name(workload)));
    pod["metadata"]["namespace"] = workload["metadata"]["namespace"].clone();
    for claim in workload["spec"]["volumeClaimTemplates"].as_array().into_iter().flatten() {
        let volume = json!({
            "name": name(claim), "persistentVolumeClaim": { "claimName": format!("{}-{}", name(claim), name(&pod)) },
        });
        match pod["spec"]["volumes"].as_array_mut() {
            Some(volumes) => volumes.push(volume),
            None => pod["spec"]["volumes"] = json!([volume]),
        }
    }
    pod
}

fn create_pod(cluster: &Cluster<'_>, workload: &Value, number: u64) -> Result<(), String> {
    let pod = pod(workload, number);
    for claim in workload["spec"]["volumeClaimTemplates"].as_array().into_iter().flatten() {
        let mut claim = claim.clone();
        claim["apiVersion"] = json!("v1");
        claim["kind"] = json!("PersistentVolumeClaim");
        claim["metadata"]["name"] = json!(format!("{}-{}", name(&claim), name(&pod)));
        claim["metadata"]["namespace"] = pod["metadata"]["namespace"].clone();
        accepted(&claim, &cluster.create(&claim, false)?)?;
    }
    accepted(&pod, &cluster.create(&pod, false)?)
}

/// One line of hardening, taken away or turned round.
type Weakening = (&'static str, fn(&mut Value));

/// What the namespace must not let in, whatever wrote it.
const WEAKENINGS: [Weakening; 13] = [
    ("runAsNonRoot", |spec| {
        spec["securityContext"]["runAsNonRoot"] = json!(false);
        spec["containers"][0]["securityContext"]["runAsNonRoot"] = json!(false);
    }),
    ("runAsUser", |spec| spec["securityContext"]["runAsUser"] = json!(0)),
    ("no seccompProfile", |spec| remove(spec, "/securityContext", "seccompProfile")),
    ("seccompProfile", |spec| spec["securityContext"]["seccompProfile"] = json!({ "type": "Unconfined" })),
    ("no capabilities", |spec| remove(spec, "/containers/0/securityContext", "capabilities")),
    ("added capabilities", |spec| {
        spec["containers"][0]["securityContext"]["capabilities"]["add"] = json!(["NET_ADMIN"]);
    }),
    ("no allowPrivilegeEscalation", |spec| remove(spec, "/containers/0/securityContext", "allowPrivilegeEscalation")),
    ("privileged", |spec| {
        spec["containers"][0]["securityContext"]["privileged"] = json!(true);
        spec["containers"][0]["securityContext"]["allowPrivilegeEscalation"] = json!(true);
    }),
    ("hostNetwork", |spec| spec["hostNetwork"] = json!(true)),
    ("hostPath", |spec| spec["volumes"] = json!([{ "name": "tmp", "hostPath": { "path": "/" } }])),
    ("hostPort", |spec| spec["containers"][0]["ports"] = json!([{ "containerPort": 8080, "hostPort": 8080 }])),
    ("sysctls", |spec| spec["securityContext"]["sysctls"] = json!([{ "name": "kernel.msgmax", "value": "1" }])),
    ("more memory than anybody may have", |spec| {
        spec["containers"][0]["resources"] = json!({
            "requests": { "cpu": "1m", "memory": "900Gi" }, "limits": { "cpu": "1", "memory": "900Gi" },
        });
    }),
];

fn remove(spec: &mut Value, pointer: &str, key: &str) {
    if let Some(map) = spec.pointer_mut(pointer).and_then(Value::as_object_mut) {
        map.remove(key);
    }
}

fn refuses(tools: &Tools, version: KubeVersion) -> Verdict {
    let cluster = Cluster::start(tools, version.as_str())?;
    let (_, generated) =
        every_case_for(version).into_iter().find(|(case, _)| case == "go/cgo").ok_or("no such case")?;
    let objects = objects(&generated)?;
    for object in &objects {
        accepted(object, &cluster.apply(object)?)?;
        if kind(object) == "ResourceQuota" {
            publish(&cluster, object)?;
        }
    }
    let workload = objects.iter().find(|object| pod_template(object).is_some()).ok_or("no workload")?;
    // The same pod as it is must pass, or refusing the others means nothing.
    accepted(workload, &cluster.create(&pod(workload, 0), true)?)?;
    let mut let_in = Vec::new();
    for (what, weaken) in WEAKENINGS {
        let mut pod = pod(workload, 0);
        weaken(&mut pod["spec"]);
        let answer = cluster.create(&pod, true)?;
        if answer.status != 403 {
            let_in.push(format!("{what}: {}", answer.message()));
        }
    }
    let mut misspelt = pod(workload, 0);
    misspelt["spec"]["hostUser"] = json!(true);
    if cluster.create(&misspelt, true)?.status != 400 {
        let_in.push("a misspelt field".to_owned());
    }
    let mut changed = workload.clone();
    changed["spec"]["selector"]["matchLabels"] = json!({ "a": "b" });
    changed["spec"]["template"]["metadata"]["labels"]["a"] = json!("b");
    if cluster.apply(&changed)?.status != 422 {
        let_in.push("another selector".to_owned());
    }
    if let_in.is_empty() { Ok(format!("{} of {0} refused", WEAKENINGS.len() + 2)) } else { Err(let_in.join("\n")) }
}

/// A newer Kubernetes target, a newer image and other amounts are applied over what is there.
fn upgrades(tools: &Tools, version: KubeVersion) -> Verdict {
    let cluster = Cluster::start(tools, version.as_str())?;
    let before = every_case_with(|answers| target(answers, KubeVersion::V1_33));
    let after = every_case_with(|answers| {
        target(answers, version);
        for service in answers.services.values_mut() {
            service.resources.cpu = Some(Raw::new("300m", Default::default()));
            service.resources.memory = Some(Raw::new("700Mi", Default::default()));
            service.image = service.image.as_ref().map(|image| {
                let name = image.text.split('@').next().unwrap_or_default();
                let name = name.rsplit_once(':').map_or(name, |(name, _)| name);
                Raw::new(format!("{name}:9.9.9"), Default::default())
            });
        }
    });
    let mut applied = 0;
    for (case, generated) in before.iter().zip(&after).flat_map(|(before, after)| [before, after]) {
        for object in objects(generated)? {
            accepted(&object, &cluster.apply(&object)?).map_err(|problem| format!("{case}: {problem}"))?;
            applied += 1;
        }
    }
    Ok(format!("{} cases twice, {applied} objects applied, no field that cannot change", after.len()))
}
