//! `generate`: everything again from `cofferdam.yaml`. Never asks, never overwrites a person's edit.

use clap::ArgMatches;
use cofferdam::problem::{Place, Problem};
use cofferdam::reconcile::{Change, Conflict, Wish};
use cofferdam::report;
use cofferdam::resolve::resolve;
use cofferdam::{answers, lock};

use super::comparison::{Comparison, Wishes};
use super::opened::Opened;
use super::write::{self, Mode};
use crate::disk::Project;
use crate::{Failure, Outcome};

pub(super) fn run(matches: &ArgMatches) -> Result<Outcome, Failure> {
    let project = Project::open(&super::project_folder(matches))?;
    let mode = Mode::of(matches);
    let turn = mode.turn(&project)?;
    let opened = Opened::new(project)?;
    // What is wrong with the answers is said before anything else is looked at.
    resolve(&opened.answers, &opened.pack)?;
    let mut comparison = Comparison::new(&opened, &Wishes::new())?;
    if matches.get_flag("markers") {
        let fields =
            comparison.set.conflicts().filter(|(_, change)| change.change == Change::Conflict(Conflict::Fields));
        let wishes: Wishes = fields.map(|(path, _)| (path.to_owned(), Wish::Mark)).collect();
        comparison = Comparison::new(&opened, &wishes)?;
    }
    let migration = opened.migration();
    let Some(turn) = turn else {
        return Ok(write::preview(&opened.project, &comparison, migration.as_slice(), mode));
    };
    let mut steps = comparison.upgrade.iter().flat_map(|upgrade| &upgrade.steps);
    if let Some(step) = steps.find(|step| step.is_downgrade() && !matches.get_flag("downgrade")) {
        return Err(Problem::new(
            format!("{} {} wrote this project, and this is {}", step.pack, step.from, step.to),
            "an older version takes back what the newer one has improved",
            format!("use {} {}, or `cofferdam generate --downgrade` if that is what you want", step.pack, step.from),
        )
        .at(Some(Place::Path(lock::PATH.to_owned())))
        .into());
    }
    let migrated = migration.is_some();
    let mut outcome = write::write(&opened.project, &turn, &comparison, migration.into_iter().collect())?;
    if let Some(upgrade) = &comparison.upgrade {
        outcome.text.push_str(&report::announcements(upgrade));
    }
    if migrated {
        outcome.text.insert_str(0, &format!("  updated  {} in today's words\n", answers::file::NAME));
    }
    Ok(outcome)
}
