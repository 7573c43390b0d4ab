"""Search: turn parameters and words into pipelines that give the same results on every MongoDB server."""
