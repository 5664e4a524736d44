"""Tables people send us (CSV, XLSX) as typed columns: encodings, headings, values, rejects. Knows no model."""
