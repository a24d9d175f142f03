// What a workbook calls itself in a header and in a stored file.

/** The media type of .xlsx, as registered with IANA. */
export const XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
