"""What the pages are made of. Only this package and the pages know Streamlit."""
