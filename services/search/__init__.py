"""Search: what people ask as parameters and words, turned into pipelines that every MongoDB server answers alike."""
