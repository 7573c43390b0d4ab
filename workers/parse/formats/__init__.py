"""Files that are one document: text, office files, PDF, pictures, mail."""
