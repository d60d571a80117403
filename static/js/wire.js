// What several scripts of a page import is put in here when static files are collected: see config/bundles.py.
