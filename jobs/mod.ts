// Every job that the worker knows.

import { excelImports } from "./excel_imports.ts";
import type { Job } from "./job.ts";

export const jobs: readonly Job[] = [excelImports];
