//! Proofs on real engines: the output is built, started, admitted, judged; not only rendered.
//!
//! `cargo test` shows them as ignored. `E2E=1 cargo test --test e2e` runs those whose engine this machine has or can
//! install, and says which it has not. `E2E=cluster,docker,judges,strace` names engines whose absence is a failure, and
//! `E2E=all` means each of them. A name runs one proof: `… --test e2e cluster`.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing proof")]

mod admission;
mod apps;
mod cluster;
mod container;
mod engine;
mod images;
mod interruption;
mod judges;
mod reach;

#[path = "../support/cases.rs"]
mod cases;

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;

use engine::{Engine, Tools};
use libtest_mimic::{Arguments, Failed, Trial};

/// What was counted, or what is wrong.
pub(crate) type Verdict = Result<String, String>;

/// One claim about the output, and the engine that it is proved on.
struct Proof {
    name: String,
    engine: Engine,
    run: Run,
}

type Run = Box<dyn FnOnce(&Tools) -> Verdict + Send>;

impl Proof {
    fn new(name: impl Into<String>, engine: Engine, run: impl FnOnce(&Tools) -> Verdict + Send + 'static) -> Self {
        Self { name: name.into(), engine, run: Box::new(run) }
    }
}

/// What is asked for.
enum Wish {
    Nothing,
    /// Whatever this machine can, and these engines in any case.
    With(Vec<String>),
}

impl Wish {
    fn needs(&self, engine: Engine) -> bool {
        match self {
            Self::Nothing => false,
            Self::With(engines) => engines.iter().any(|name| name == "all" || name == engine.name()),
        }
    }
}

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // Each engine takes what the machine has.
    arguments.test_threads.get_or_insert(1);
    let wish = match std::env::var("E2E").as_deref() {
        Err(_) | Ok("" | "0") => Wish::Nothing,
        Ok(engines) => Wish::With(engines.split(',').map(|name| name.trim().to_owned()).collect()),
    };
    let is_nothing = matches!(wish, Wish::Nothing);
    if is_nothing {
        eprintln!("The proofs on real engines are not run: `E2E=1 cargo test --test e2e` runs them.");
    }
    let wanted = |proof: &Proof| arguments.filter.as_ref().is_none_or(|filter| proof.name.contains(filter.as_str()));
    let mut engines: BTreeMap<Engine, Result<Arc<Tools>, String>> = BTreeMap::new();
    let mut trials = Vec::new();
    let proofs = [interruption::proofs, judges::proofs, reach::proofs, admission::proofs, images::proofs];
    for proof in proofs.into_iter().flat_map(|proofs| proofs()) {
        let provided = if is_nothing || arguments.list || !wanted(&proof) {
            Err(String::new())
        } else {
            engines.entry(proof.engine).or_insert_with(|| engine::provide(proof.engine).map(Arc::new)).clone()
        };
        trials.push(trial(proof, provided, &wish));
    }
    for (engine, problem) in engines.iter().filter_map(|(engine, provided)| Some((engine, provided.as_ref().err()?))) {
        eprintln!("NOT PROVED, for want of {}: {problem}", engine.name());
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn trial(proof: Proof, provided: Result<Arc<Tools>, String>, wish: &Wish) -> Trial {
    let name = proof.name.clone();
    let ignored = provided.is_err() && !wish.needs(proof.engine);
    Trial::test(proof.name, move || {
        let tools = provided.map_err(|problem| Failed::from(format!("the engine is missing: {problem}")))?;
        let counts = (proof.run)(&tools).map_err(Failed::from)?;
        println!("proved {name}: {counts}");
        Ok(())
    })
    .with_kind(proof.engine.name())
    .with_ignored_flag(ignored)
}
