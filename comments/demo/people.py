"""Everybody who appears in the demo: forty readers, two writers and one admin."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    """Somebody with an account; `language` is the one they mostly write in."""

    username: str
    name: str
    language: str
    writer: bool = False


READERS = (
    Person("mina", "Mina Park", "en"),
    Person("junho", "이준호", "ko"),
    Person("astrid.v", "Astrid Vang", "en"),
    Person("seoyeon", "김서연", "ko"),
    Person("tomasz", "Tomasz Wrona", "en"),
    Person("hyejin_", "박혜진", "ko"),
    Person("oluwaseun", "Oluwaseun Adeyemi", "en"),
    Person("dohyun", "정도현", "ko"),
    Person("carla.b", "Carla Benedetti", "en"),
    Person("nari", "나리", "ko"),
    Person("ewan", "Ewan Macrae", "en"),
    Person("jiwoo", "최지우", "ko"),
    Person("priya", "Priya Raman", "en"),
    Person("minseok", "강민석", "ko"),
    Person("lotte", "Lotte de Wit", "en"),
    Person("eunbi", "한은비", "ko"),
    Person("kenji", "Kenji Moriyama", "en"),
    Person("taeyang", "오태양", "ko"),
    Person("rosalind", "Rosalind Okafor", "en"),
    Person("sumin", "배수민", "ko"),
    Person("matteo", "Matteo", "en"),
    Person("yejin", "임예진", "ko"),
    Person("birgit", "Birgit Haas", "en"),
    Person("haneul", "하늘", "ko"),
    Person("duncan", "Duncan Pryce", "en"),
    Person("jaehyuk", "송재혁", "ko"),
    Person("ines", "Inês Carvalho", "en"),
    Person("bomi", "봄이", "ko"),
    Person("samir", "Samir Haddad", "en"),
    Person("wonjae", "조원재", "ko"),
    Person("greta", "Greta", "en"),
    Person("chaewon", "문채원", "ko"),
    Person("leon.f", "Léon Fabre", "en"),
    Person("sanghoon", "신상훈", "ko"),
    Person("adaeze", "Adaeze", "en"),
    Person("yuna", "서유나", "ko"),
    Person("wei", "Wei Lin", "en"),
    Person("gihoon", "백기훈", "ko"),
    Person("marisol", "Marisol Ibarra", "en"),
    Person("soyoung", "노소영", "ko"),
)
WRITERS = (
    Person("hanna", "Hanna Lindqvist", "en", writer=True),
    Person("sejin", "윤세진", "ko", writer=True),
)
PEOPLE = (*READERS, *WRITERS, Person("editor", "The Editor", "en"))
