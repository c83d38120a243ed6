//! The classes of a run in order, with the people in them.

use chrono::{Datelike, Days, NaiveDate};

use super::Plan;
use super::course::{APPRENTICE_PLACES, Catalogue, Course, DEPARTMENTS, hours};
use super::identity::{Person, Sex};
use super::random::Random;
use super::tables::Tables;

/// Training institutions of the catalogue.
pub(super) const INSTITUTIONS: u64 = 120;
/// Enterprises that send trainees.
pub(super) const EMPLOYERS: u64 = 2_000;

/// One class with its trainees.
#[derive(Debug)]
pub(super) struct Class {
    pub(super) id: u32,
    /// Number of its first record; the others follow.
    pub(super) first_record: u64,
    /// Place in [`DEPARTMENTS`].
    pub(super) department: usize,
    /// Place in [`Tables::divisions`].
    pub(super) division: usize,
    pub(super) course: Course,
    pub(super) institution: u64,
    pub(super) employer: Option<u64>,
    pub(super) people: Vec<Person>,
}

/// The months from that of `from` to that of `to`.
pub(super) fn months(from: NaiveDate, to: NaiveDate) -> Vec<(i32, u32)> {
    let number = |day: NaiveDate| day.year() * 12 + day.month0() as i32;
    (number(from)..=number(to))
        .map(|month| (month.div_euclid(12), month.rem_euclid(12) as u32 + 1))
        .collect()
}

/// Calls `take` with every class of `records` person-times, in order of month, division and number. With `open`,
/// classes that are still running (or about to begin) at the end of the plan come too; what lies later is left out.
pub(super) fn each<E>(
    plan: &Plan,
    tables: &Tables,
    records: u64,
    open: bool,
    take: &mut dyn FnMut(Class) -> Result<(), E>,
) -> Result<(), E> {
    let months = months(
        plan.from,
        if open {
            plan.to + Days::new(62)
        } else {
            plan.to
        },
    );
    let cells: Vec<((i32, u32), usize, u64)> = months
        .iter()
        .flat_map(|month| (0..tables.divisions.len()).map(|division| (*month, division)))
        .map(|(month, division)| (month, division, weight(tables, division, month)))
        .collect();
    let total: u64 = cells.iter().map(|cell| cell.2).sum();
    let mut school = School::new(plan, tables);
    let (mut weight_so_far, mut due) = (0u64, 0u64);
    let mut waiting = vec![0u64; tables.divisions.len()];
    for (at, (month, division, weight)) in cells.iter().enumerate() {
        weight_so_far += weight;
        let upto =
            (u128::from(records) * u128::from(weight_so_far) / u128::from(total.max(1))) as u64;
        waiting[*division] += upto - due;
        due = upto;
        // A handful waits until a class comes together; nothing waits beyond the last month.
        let last = at + tables.divisions.len() >= cells.len();
        if waiting[*division] < 8 && !last {
            continue;
        }
        let mut seats = std::mem::take(&mut waiting[*division]);
        while seats > 0 {
            let size = school.size(seats);
            seats -= size;
            let class = school.hold(*month, *division, size);
            let later = class.course.start > plan.to + Days::new(6);
            if !(open && later) {
                take(class)?;
            }
        }
    }
    Ok(())
}

/// Relative number of person-times of a division in a month (SYNTHETIC): its target, the season, and how well it does.
fn weight(tables: &Tables, division: usize, (year, month): (i32, u32)) -> u64 {
    let unit = &tables.divisions[division];
    // Beyond the calendar the season of the year before stands in.
    let season = tables
        .seasons
        .get(&(year, month))
        .or_else(|| tables.seasons.get(&(year - 1, month)));
    let Some(season) = season else { return 0 };
    let half = NaiveDate::from_ymd_opt(2020, 7, 1).unwrap_or_default();
    let first = NaiveDate::from_ymd_opt(year, month, 1).unwrap_or_default();
    if unit
        .valid_from
        .is_some_and(|from| from > half - Days::new(200))
        && first < half
    {
        return 0;
    }
    let target = match unit.code.as_str() {
        "220184" => 3_000,
        _ => unit.targets[(year - 2019).clamp(0, 2) as usize],
    };
    let well: u64 = match unit.code.as_str() {
        "220174" => 122,
        "220112" => 78,
        "CC-LHS" => 70,
        "220183" => 88,
        "CC-XQ" | "220104" | "220113" => 106,
        "220102" | "220171" | "220182" => 103,
        _ => 100,
    };
    let year_factor: u64 = match year {
        ..=2019 => 1_100,
        2020 => 1_000,
        _ => 1_270,
    };
    u64::from(target) * u64::from(season.share) * well * year_factor
}

/// People who were in a class of a division, to come back later.
#[derive(Debug, Clone, Copy)]
struct Group {
    first_woman: u32,
    first_man: u32,
    women: u8,
    men: u8,
    occupation: Option<u16>,
    level: &'static str,
}

impl Group {
    fn person(self, random: &mut Random) -> Option<Person> {
        let size = u64::from(self.women) + u64::from(self.men);
        if size == 0 {
            return None;
        }
        let at = random.below(size) as u32;
        let women = u32::from(self.women);
        Some(if at < women {
            Person {
                sex: Sex::Female,
                index: self.first_woman + at,
            }
        } else {
            Person {
                sex: Sex::Male,
                index: self.first_man + at - women,
            }
        })
    }
}

/// Hands out classes, and remembers who came before.
struct School<'a> {
    plan: &'a Plan,
    tables: &'a Tables,
    catalogue: Catalogue,
    random: Random,
    women: u32,
    men: u32,
    classes: u32,
    records: u64,
    groups: Vec<Vec<Group>>,
    /// By division: the few who take course after course.
    keen: Vec<Vec<Person>>,
    departments: Vec<(usize, u32)>,
    /// The last day of everybody's training so far, women and men by their numbers.
    busy_until: [Vec<NaiveDate>; 2],
    /// Seats of apprentices owed, in thousandths.
    apprentices_due: u64,
}

impl<'a> School<'a> {
    fn new(plan: &'a Plan, tables: &'a Tables) -> Self {
        let units = tables.divisions.len();
        Self {
            plan,
            tables,
            catalogue: Catalogue::new(tables),
            random: Random::keyed(plan.seed, &[0x0063_6c61_7373]),
            women: 0,
            men: 0,
            classes: 0,
            records: 0,
            groups: vec![Vec::new(); units],
            keen: vec![Vec::new(); units],
            departments: DEPARTMENTS
                .iter()
                .map(|department| department.weight)
                .enumerate()
                .collect(),
            busy_until: [Vec::new(), Vec::new()],
            apprentices_due: 0,
        }
    }

    fn size(&mut self, seats: u64) -> u64 {
        let size = self.random.between(24, 36) as u64;
        if seats < size + 10 {
            seats.min(46)
        } else {
            size
        }
    }

    fn hold(&mut self, month: (i32, u32), division: usize, size: u64) -> Class {
        let single = self.plan.shape == super::Shape::SingleFile;
        let department = if single {
            0
        } else {
            self.random.weighted(&self.departments)
        };
        let apprentices = self.apprentices(month, division, department, size);
        let teacher = &DEPARTMENTS[department];
        let mut course = self.catalogue.draw(
            self.tables,
            teacher,
            division,
            month,
            apprentices,
            &mut self.random,
        );
        let again = self.again(division, &mut course);
        let people = self.people(division, size, &course, again);
        let class = Class {
            id: self.classes,
            first_record: self.records,
            department,
            division,
            institution: self.institution(division),
            employer: self.employer(&course),
            course,
            people,
        };
        self.classes += 1;
        self.records += size;
        class
    }

    /// Whether this class is one of apprentices: about 20 in a thousand seats of the places that take them, from June
    /// 2019 on, which makes about 1,000 apprentices by the end of 2021 when 200,000 rows reach to mid-2021.
    fn apprentices(
        &mut self,
        month: (i32, u32),
        division: usize,
        department: usize,
        size: u64,
    ) -> bool {
        let here = APPRENTICE_PLACES.contains(&self.tables.divisions[division].code.as_str());
        if !here || month < (2019, 6) || !matches!(DEPARTMENTS[department].code, "DP01" | "DP03") {
            return false;
        }
        self.apprentices_due += size * 20;
        let due = self.apprentices_due >= size * 1000;
        if due {
            self.apprentices_due -= size * 1000;
        }
        due
    }

    /// One class in twenty repeats an earlier one of its place, with some of the same people (work for rule R007).
    fn again(&mut self, division: usize, course: &mut Course) -> Option<Group> {
        let before = &self.groups[division];
        if before.is_empty() || course.occupation.is_none() || !self.random.chance(50) {
            return None;
        }
        let group = self.random.pick(before);
        course.occupation = Some(group.occupation?);
        course.level = group.level;
        course.hours = hours(course.kind, course.level, &mut self.random);
        Some(group)
    }

    fn people(
        &mut self,
        division: usize,
        size: u64,
        course: &Course,
        again: Option<Group>,
    ) -> Vec<Person> {
        let mut group = Group {
            first_woman: self.women,
            first_man: self.men,
            women: 0,
            men: 0,
            occupation: course.occupation,
            level: course.level,
        };
        let mut people: Vec<Person> = Vec::with_capacity(size as usize);
        for _ in 0..size {
            let known = self
                .known(division, again)
                .filter(|person| !people.contains(person) && self.is_free(*person, course));
            people.push(known.unwrap_or_else(|| self.newcomer(course.women, &mut group)));
        }
        for person in &people {
            self.keep_busy(*person, course);
        }
        if self.random.chance(50) || self.keen[division].is_empty() {
            let ring = &mut self.keen[division];
            ring.push(people[0]);
            if ring.len() > 6 {
                ring.remove(0);
            }
        }
        self.groups[division].push(group);
        people
    }

    /// Whether nothing else keeps a person busy when the course begins. A few go to two courses at once: something for the rules
    /// to find.
    fn is_free(&mut self, person: Person, course: &Course) -> bool {
        let until =
            self.busy_until[usize::from(person.sex == Sex::Male)].get(person.index as usize);
        until.is_none_or(|until| *until < course.start) || self.random.chance(15)
    }

    fn keep_busy(&mut self, person: Person, course: &Course) {
        let until = &mut self.busy_until[usize::from(person.sex == Sex::Male)];
        let at = person.index as usize;
        if until.len() <= at {
            until.resize(at + 1, NaiveDate::MIN);
        }
        until[at] = until[at].max(course.end);
    }

    /// Somebody who was trained before: a fifth of the seats.
    fn known(&mut self, division: usize, again: Option<Group>) -> Option<Person> {
        if let Some(group) = again
            && self.random.chance(330)
        {
            return group.person(&mut self.random);
        }
        let draw = self.random.below(1000);
        if draw < 6 {
            let ring = &self.keen[division];
            return (!ring.is_empty()).then(|| self.random.pick(ring));
        }
        let groups = &self.groups[division];
        if draw >= 200 || groups.is_empty() {
            return None;
        }
        // Most come back soon: the square of a draw leans toward the latest groups.
        let far = (self.random.below(1 << 20) * self.random.below(1 << 20)) >> 20;
        let back = (far * groups.len() as u64) >> 20;
        let group = groups[groups.len() - 1 - back as usize];
        group.person(&mut self.random)
    }

    fn newcomer(&mut self, women_per_mille: u64, group: &mut Group) -> Person {
        if self.random.chance(women_per_mille) {
            self.women += 1;
            group.women += 1;
            Person {
                sex: Sex::Female,
                index: self.women - 1,
            }
        } else {
            self.men += 1;
            group.men += 1;
            Person {
                sex: Sex::Male,
                index: self.men - 1,
            }
        }
    }

    /// An institution of the division: institutions go round the divisions in turn (see `other::institutions`).
    fn institution(&mut self, division: usize) -> u64 {
        let units = self.tables.divisions.len() as u64;
        let here = (INSTITUTIONS - 1 - division as u64) / units + 1;
        division as u64 + units * self.random.below(here)
    }

    fn employer(&mut self, course: &Course) -> Option<u64> {
        let sends = match course.kind {
            "TT04" | "TT05" | "TT07" | "TT09" | "TT10" | "TT13" => 960,
            "TT06" => 600,
            _ => 0,
        };
        let number = self
            .random
            .below(EMPLOYERS)
            .min(self.random.below(EMPLOYERS));
        self.random.chance(sends).then_some(number)
    }
}
