"""Read files that contain one document: text, office files, PDF, pictures, mail."""
