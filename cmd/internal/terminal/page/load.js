// Loading value or a season on the next card, and taking back the last load. A benefit
// pays only after amount, place and kind of benefit were each confirmed.

import { command } from "./api.js";
import { clearDraft } from "./next.js";
import { fetchReceipts, newestReceipt, showReceipt } from "./receipts.js";
import { fetchOffer, groupChoices, nearestFirst } from "./sell.js";
import { reader, store } from "./store.js";
import { $, attempt, choose, chosen, close, make, onPress, show, tabs } from "./view.js";
import { cents, euros, say, spell, term } from "./words.js";

const GROUPS = ["adult", "child", "youth", "student", "senior", "special"];
const CONFIRMATIONS = ["load-ok-amount", "load-ok-site", "load-ok-type"];

// the multiples of the least load that have buttons
const TIMES = [1, 2, 3, 5, 10, 15];
const PLAIN = 1000; // cents: the step if the area has no multiple

let showPart; // shows one of the dialog's parts

const season = () => chosen($("load-kind")) === "season";
const benefit = () => chosen($("load-by")) === "benefit";
const employer = () => chosen($("load-by")) === "employer";
const product = () => store.offer.seasons.find((s) => `${s.code}` === chosen($("load-product")));

function drawValues({ least = 0, most = 0, multiple = 0, commission }) {
  const step = multiple || Math.max(least, PLAIN);
  const values = TIMES.map((n) => n * step).filter((n) => n >= least && (!most || n <= most));
  $("load-values").replaceChildren(...values.map((value) => {
    const button = make("button", {
      type: "button", id: `load-value-${value}`, textContent: euros(value),
    });
    button.addEventListener("click", () => {
      $("load-amount").value = euros(value).replace(" €", "");
      drawTotal();
    });
    return button;
  }));
  $("load-bounds").textContent = commission < 0 ? say("load.not.here")
    : [least && say("load.least", euros(least)), most && say("load.most", euros(most)),
      multiple && say("load.multiple", euros(multiple))].filter(Boolean).join(" · ");
}

function drawProduct() {
  const sold = product();
  const zones = nearestFirst(sold?.zones || []);
  choose($("load-zones"), zones.map((run) =>
    ({ value: run, text: run, id: `load-zones-${run}` })), zones[0], drawTotal);
  $("load-days-row").hidden = !sold?.most_days;
  $("load-days").value = sold?.least_days || "";
  $("load-days-text").textContent = say("load.days", sold?.least_days, sold?.most_days);
  drawTotal();
}

// seasonGroup is the group whose price is shown before the card was read.
const seasonGroup = () => chosen($("load-group")) || "adult";

function seasonPrice() {
  const each = product()?.prices[seasonGroup()]?.[chosen($("load-zones"))];
  return product()?.most_days ? each * Number($("load-days").value) : each;
}

function totalText() {
  const amount = cents($("load-amount").value);
  const commission = Math.max(0, store.offer.load.commission);
  const price = seasonPrice();
  if (season()) return price ? `${term("group", seasonGroup())} ${euros(price)}` : "";
  return amount > 0 ? say("load.total", euros(amount + commission), euros(commission)) : "";
}

function drawTotal() {
  const paid = cents($("load-paid").value);
  const known = !season() && cents($("load-amount").value) > 0;
  $("load-total").textContent = totalText();
  $("load-ok-amount-text").textContent =
    say("load.ok.amount", Number.isNaN(paid) ? "–" : euros(paid));
  const ordered = !employer() || (Number($("load-employer-number").value) > 0 &&
    $("load-employer-reference").value.trim() !== "");
  const confirmed = ordered && (!benefit() ||
    (paid > 0 && chosen($("load-type")) && CONFIRMATIONS.every((id) => $(id).checked)));
  $("load-confirm").disabled = !confirmed || (!season() && !known) || (season() && !product());
}

// fillBenefitAmount enters the amount that the benefit should have paid, for the driver to compare.
function fillBenefitAmount() {
  const amount = season() ? seasonPrice() : cents($("load-amount").value);
  if (!(amount > 0) || $("load-paid").value) return;
  const whole = amount + (season() ? 0 : Math.max(0, store.offer.load.commission));
  $("load-paid").value = euros(whole).replace(" €", "");
}

// A confirmation holds for one payment only.
function clearConfirmed() {
  for (const id of CONFIRMATIONS) $(id).checked = false;
  drawTotal();
}

async function open() {
  const { seasons, load, benefits = [], organisation } = await fetchOffer();
  drawValues(load);
  choose($("load-product"), seasons.map(({ code, name }) =>
    ({ value: `${code}`, text: spell(name), id: `load-product-${code}` })), "", drawProduct);
  choose($("load-group"), [{ value: "", text: say("load.group.card"), id: "load-group-card" },
    ...groupChoices(GROUPS, "load-group")], "", drawTotal);
  choose($("load-type"), benefits.map((value, n) =>
    ({ value, text: term("benefit", value), id: `load-type-${n + 1}` })), "", clearConfirmed);
  $("load-site").textContent = organisation;
  $("load-by-benefit").disabled = benefits.length === 0;
  $("load-employer").hidden = !(store.offer.employer && store.session.role === "provider");
  $("load-by-cash").checked = $("load-value").checked = true;
  for (const id of ["amount", "paid", "reference", "message", "employer-number",
    "employer-reference"]) $(`load-${id}`).value = "";
  $("load-certificate").checked = false;
  for (const group of ["load-by", "load-kind"]) $(group).dispatchEvent(new Event("change"));
  showPart("what");
  drawProduct();
  clearConfirmed();
  $("void-today").hidden = store.session.role !== "provider";
  show("load");
}

function funding() {
  // An order has one text about the payment: the message follows the reference.
  const reference = [$("load-reference").value.trim(), $("load-message").value.trim()];
  return {
    by: "benefit", site: store.offer.organisation, type: chosen($("load-type")),
    paid: cents($("load-paid").value), reference: reference.filter(Boolean).join(" / "),
    at: store.states[reader()].now, // the device's clock: a later payment could not be voided
  };
}

function loadOrder() {
  const load = season()
    ? { product: product().code, zones: chosen($("load-zones")) }
    : { amount: cents($("load-amount").value) };
  if (season() && product().most_days) load.days = Number($("load-days").value);
  if (chosen($("load-group"))) load.group = chosen($("load-group"));
  if ($("load-certificate").checked) load.certificate = true;
  if (benefit()) load.funding = funding();
  if (employer()) {
    load.funding = { by: "employer", employer: Number($("load-employer-number").value),
      reference: $("load-employer-reference").value.trim() };
  }
  return load;
}

let lastReceipt; // the last one before the load: the next is the load's

async function armLoad(kind, content) {
  const device = reader();
  lastReceipt = await fetchReceipts().then(([last]) => last?.id, () => undefined);
  await command(device, { kind, [kind]: content });
  close("load");
  clearDraft();
}

const takeBack = (by) => armLoad("take_back", by);

const LOADS = ["value loaded", "season loaded", "load taken back", "load unheard"];

// onLoad shows the receipt as soon as a card was loaded.
export function onLoad(device, tap) {
  if (!LOADS.includes(tap.reason) || tap.ending !== "accepted" || !store.session.signed_on) return;
  attempt(async () => {
    const receipt = await newestReceipt("", lastReceipt);
    lastReceipt = receipt?.id;
    if (receipt) showReceipt(receipt);
  });
}

export function wireLoad() {
  showPart = tabs("load-part");
  tabs("load-kind", () => store.offer && drawTotal());
  tabs("load-by", (by) => {
    if (by === "benefit") fillBenefitAmount();
    if (store.offer) drawTotal();
  });
  onPress("load-open", open);
  onPress("load-confirm", () => armLoad("load", loadOrder()));
  onPress("take-back", () => takeBack("driver"));
  onPress("void-today", () => takeBack("provider"));
  for (const id of ["load-employer-number", "load-employer-reference"]) {
    $(id).addEventListener("input", drawTotal);
  }
  for (const id of ["load-amount", "load-paid", "load-days"]) {
    $(id).addEventListener("input", clearConfirmed);
  }
  for (const id of CONFIRMATIONS) $(id).addEventListener("change", drawTotal);
}
