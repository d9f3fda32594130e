"""The page of `keras-mdgan play`: a trained generator, and one that trains.

`subject` and `live` are what is played with, and `figures` draws it. Gradio is imported
by the page itself alone: `page`, `training_page` and `widgets`.
"""
