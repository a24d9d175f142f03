// Tests that numbers are shown as Excel shows them under each form of number format.

import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { builtInFormat, numberFormat, plainNumber } from "../../../lib/excel/formats.ts";

function show(code: string, value: number): string {
  return numberFormat(code, false).showNumber(value);
}

function checkAll(cases: readonly (readonly [string, number, string])[]): void {
  for (const [code, value, expected] of cases) {
    assert.equal(show(code, value), expected, `${code} of ${value}`);
  }
}

describe("number formats", () => {
  it("shows at most 11 digits under General", () => {
    checkAll([
      ["General", 12345678901, "12345678901"],
      ["General", 123456789012, "1.23457E+11"],
      ["General", 1234567890.123, "1234567890"],
      ["General", 0.1 + 0.2, "0.3"],
      ["General", 0.000012345678, "1.23457E-05"],
      ["General", 0.0000099999999, "1E-05"],
      ["General", -4.094705e231, "-4.0947E+231"],
      ["General", 2.5e-100, "2.5E-100"],
      ["General", 1e20, "1E+20"],
      ["general", 644.24222, "644.24222"],
      ["", 5, "5"],
    ]);
  });

  it("shows leading zeros, grouping, decimals and scaling", () => {
    checkAll([
      ["0000", 42, "0042"],
      ["000-000", 123456, "123-456"],
      ["#,##0.00", -1234.567, "-1,234.57"],
      ["0.0,", 12345, "12.3"],
      ["0,.0", 1234, "1.2"],
      ['#,##0,,.00" M"', 1234567890, "1,234.57 M"],
      ['0",.0"', 12, "12,.0"],
      ["0%", 0.075, "8%"],
      ["0.00", 1.005, "1.01"],
      ["#", 0, ""],
    ]);
  });

  it("chooses sections by sign and by condition, without their colours", () => {
    checkAll([
      ['[Red]0;[Blue](0);"none"', -5, "(5)"],
      ['[Red]0;[Blue](0);"none"', 0, "none"],
      ["[>=1000]#,##0;[<10]0.00;0", 1234, "1,234"],
      ["[>=1000]#,##0;[<10]0.00;0", 5, "5.00"],
      ["[>=1000]#,##0;[<10]0.00;0", 50, "50"],
      [";;;", 5, ""],
      ['[<-10]0" low"', -11, "-11 low"],
      ['[<-10]0" low"', -10, "-10"],
      ['[>-10]0" high"', -9, "-9 high"],
      ["[<=-25]0;[>=25]0;0.0", -25, "25"],
    ]);
  });

  it("shows fractions, exponents, currency, literals and locales", () => {
    checkAll([
      ["# ?/?", 1.5, "1 1/2"],
      ["0.00E+00", 12345, "1.23E+04"],
      ["##0.0E+0", 12345, "12.3E+3"],
      ["[$£-809]#,##0.00", 5, "£5.00"],
      ['"No. "0\\!', 7, "No. 7!"],
      ['_("$"* #,##0.00_)', 5, " $5.00 "],
      ["[$-419]0", 5, "5"],
      ["[$€-413]\\ #,##0.00", 1234.5, "€ 1,234.50"],
      ['#,##0.00\\ [$kr-41D]"[$-407]"', -1234.5, "-1,234.50 kr[$-407]"],
      ["[$-407]#,##0.0;[$-407]General", 1234.5, "1,234.5"],
      ["[$-407]General", 1.5, "1.5"],
      ["[$-407]d. mmmm", 40787, "1. September"],
      ["@", 42, "42"],
    ]);
  });

  it("rounds to the nearest fraction and carries a whole one", () => {
    checkAll([
      ["# ??/??", 2.97, "2 65/67"],
      ["# ??/??", -2.97, "-2 65/67"],
      ["# ??/??", 0.95, " 19/20"],
      ["#\\ ??/??", 9.97, "9 65/67"],
      [builtInFormat(13), 2.97, "2 65/67"],
      [builtInFormat(12), 2.97, "3    "],
      ["# ?/8", 2.96, "3    "],
      ["# ?/2", 1.75, "2    "],
      ["# ?/2", -0.75, "-1    "],
      ["# ?/2", 0.75, "1    "],
      ["# ??/100", 0.97, " 97/100"],
      ["#,##0 ?/16", 1234.99, "1,235     "],
      ["0 #/###", 4.996, "4 249/250"],
      ["# ?/?;(# ?/?)", -1.6, "(1 3/5)"],
      ["# ?/4;0.00", -1.97, "1.97"],
      ["?/?", 1.005, "1/1"],
      ["?/?", 2.94, "3/1"],
      ["?/?", 0.005, "0/1"],
      ["??/?", 10.005, "10/1"],
    ]);
  });

  it("shows what numfmt cannot as General", () => {
    checkAll([
      ["B2dd/mm/yyyy", 60, "60"],
      ["[$-2060401]d/mm/yyyy", 60.5, "60.5"],
      ["B2yyyy", 61, "1317"],
    ]);
  });

  it("shows dates, times and elapsed time", () => {
    checkAll([
      ["dd/mm/yyyy", 40787, "01/09/2011"],
      ["[$-409]dddd\\, mmmm d\\, yyyy;@", 40787, "Thursday, September 1, 2011"],
      ["m/d/yyyy h:mm AM/PM", 40787.75, "9/1/2011 6:00 PM"],
      ["[h]:mm:ss", 1.5, "36:00:00"],
      ["[mm]:ss", 0.0625, "90:00"],
      ["[h]:mm", -0.0625, "-1:30"],
      ["[h]:mm:ss.0;@", -3.14159, "-75:23:53.4"],
      ["m/d/yyyy", 60, "2/29/1900"],
    ]);
    assert.equal(numberFormat("yyyy-mm-dd", true).showNumber(0), "1904-01-01");
    assert.equal(numberFormat("[h]:mm", true).showNumber(1), "24:00");
    assert.ok(numberFormat("h:mm", false).isDate);
    assert.ok(!numberFormat('0 "days"', false).isDate);
  });

  it("names months in languages that numfmt knows by another number", () => {
    checkAll([
      ["[$-C0A]d mmmm", 45000, "15 marzo"],
      ["[$-10C0A]d mmmm", 45000, "15 marzo"],
      ["[$-540A]d mmmm", 45000, "15 marzo"],
      ["[$-40A]d mmmm", 45000, "15 marzo"],
      ["[$-1C0C]d mmmm", 45000, "15 mars"],
      ["[$-FC19]d mmmm", 45000, "15 марта"],
      ["[$-FC19]ddd", 45000, "Ср"],
      ["[$-F419]mmmm", 45000, "Март"],
      ["[$-FC22]d mmmm", 45000, "15 березня"],
      ['[$-409]d mmmm"[$-C0A]"', 45000, "15 March[$-C0A]"],
      ["[$-F800]dddd, mmmm dd, yyyy", 45000, "Wednesday, March 15, 2023"],
      ["[$-83C]d mmmm", 45000, "15 March"],
    ]);
  });

  it("counts a format that Excel would refuse as General", () => {
    checkAll([['"open', 5.5, "5.5"], ["bad[", 5.5, "5.5"]]);
  });

  it("applies the section for text", () => {
    assert.equal(numberFormat('"<"@">"', false).showText("a"), "<a>");
    assert.equal(numberFormat("0.00", false).showText("a"), "a");
  });

  it("knows the built-in formats", () => {
    checkAll([
      [builtInFormat(14), 40787, "9/1/2011"],
      [builtInFormat(3), 4512, "4,512"],
      [builtInFormat(46), 1.5, "36:00:00"],
      [builtInFormat(9999), 5, "5"],
    ]);
  });

  it("gives plain numbers with 15 digits and no exponent", () => {
    assert.equal(plainNumber(0.1 + 0.2), "0.3");
    assert.equal(plainNumber(123456789012), "123456789012");
    assert.equal(plainNumber(1e20), "100000000000000000000");
  });
});
