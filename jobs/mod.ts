// Every job that the worker knows.

import { contactImports } from "./contact_imports.ts";
import { coverageExports } from "./coverage_exports.ts";
import { credentialMails } from "./credential_mails.ts";
import { excelImports } from "./excel_imports.ts";
import { feeds } from "./feeds.ts";
import type { Job } from "./job.ts";
import { letters } from "./letters.ts";
import { signInExports } from "./sign_in_exports.ts";
import { usageReports } from "./usage_reports.ts";

export const jobs: readonly Job[] = [
  contactImports,
  coverageExports,
  credentialMails,
  excelImports,
  feeds,
  letters,
  signInExports,
  usageReports,
];
