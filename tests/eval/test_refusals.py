"""Is a refusal counted as one, and an answer never?"""

import pytest

from eval.refusals import is_refusal
from rag.compose import refusal
from rag.types import Language

REFUSALS: list[tuple[Language, str]] = [
    ("en", "I don't know."),
    ("en", "I do not know the answer to this question."),
    ("en", "I'm sorry, but I don't have enough information to answer that."),
    ("en", "Sorry. The context does not mention the mayor's name."),
    ("en", "The provided context does not contain information about the price of the bridge."),
    ("en", "Based on the provided context, there is no information about the ferry."),
    ("en", "According to the articles, it is not possible to determine who signed the contract."),
    ("en", "The name of the architect is not mentioned in the text."),
    ("en", "The date of the opening is not specified."),
    ("en", "There is no mention of a second strike in the articles."),
    ("en", "It cannot be determined from the passages how many people were hurt."),
    ("en", "The answer cannot be determined from the context."),
    ("en", "Unfortunately, the article doesn't say who paid for the work."),
    ("en", "Although the text mentions the bridge, it does not say when it will reopen."),
    ("en", "The given information does not provide details about the winner of the race."),
    ("en", "None of the excerpts answers this question."),
    ("en", "Not mentioned in the context."),
    ("en", "Empty Response"),
    ("en", ""),
    ("en", "The text does not mention the cost. It says that the bridge was closed in March."),
    ("en", "I am unable to find the name of the driver in the sources."),
    ("en", "The text you provided does not directly answer the question."),
    ("en", "No information is provided about the second ferry."),
    ("en", "I couldn't find any reference to it in the given articles."),
    ("fr", "Je n'ai trouvé aucune mention de cet accord."),
    ("fr", "Je ne sais pas."),
    ("fr", "Je suis désolé, mais je ne peux pas répondre à cette question."),
    ("fr", "Désolé, je n'ai pas d'informations sur ce sujet."),
    ("fr", "Le texte ne précise pas la date de la réouverture."),
    ("fr", "Le contexte fourni ne mentionne pas le nom de l’architecte."),
    ("fr", "D'après le contexte, il n'y a aucune information sur le prix du pont."),
    ("fr", "Aucune information n'est donnée sur le nombre de blessés."),
    ("fr", "Il est impossible de déterminer qui a signé le contrat."),
    ("fr", "Le nom du maire n'est pas mentionné dans le texte."),
    ("fr", "La date de la signature n'est pas précisée."),
    ("fr", "Les articles ne donnent aucune indication sur le coût des travaux."),
    ("fr", "Les informations fournies ne permettent pas de répondre à la question."),
    ("fr", "Malheureusement, l'article ne dit rien du second accident."),
    ("fr", "Bien que le texte parle du pont, il ne précise pas quand il rouvrira."),
    ("fr", "Aucun des extraits ne répond à cette question."),
    ("fr", "Je ne dispose pas d'assez d'éléments pour répondre."),
    ("fr", "I don't know."),
]

ANSWERS: list[tuple[Language, str]] = [
    ("en", "The bridge reopened on Saturday."),
    ("en", "The bridge reopened in May, but the text does not give the exact day."),
    ("en", "The bridge cost 3 million euros. The article does not say who paid."),
    ("en", "The minister did not answer the question."),
    ("en", "The mayor said “I don't know” when asked about the cost."),
    ("en", "The exact number is not given in the article, but it was about 300."),
    ("en", "According to the article, the strike is not over."),
    ("en", "The council has no information officer."),
    ("en", "Meta, which is named in the article, paid 14.3 billion dollars."),
    ("en", "The amount is stated in the article as 14.3 billion dollars."),
    ("en", "No, the strike did not spread to Lyon."),
    ("en", "He cannot vote because he is not a citizen."),
    ("en", "Nobody was hurt."),
    ("en", "The report was not published until 2021."),
    ("en", "No data was stolen in the attack."),
    ("en", "The driver could not be found."),
    ("en", "The article says the mayor does not give interviews."),
    ("en", "There are 300 passengers, none of them named in public."),
    ("fr", "On ne peut pas voter avant dix-huit ans."),
    ("fr", "Aucune donnée n'a été volée."),
    ("fr", "L'article indique que le maire ne donne pas d'interview."),
    ("fr", "Le contrat prévoit 14,3 milliards de dollars."),
    ("fr", "Le pont a rouvert samedi."),
    ("fr", "Le pont a rouvert en mai, mais le texte ne précise pas le jour."),
    ("fr", "Le pont a coûté 3 millions d'euros. L'article ne dit pas qui a payé."),
    ("fr", "Le maire a répondu « je ne sais pas » à la question sur le coût."),
    (
        "fr",
        "Le chiffre exact n'est pas précisé dans l'article, mais il y avait environ 300 blessés.",
    ),
    ("fr", "Non, la grève ne s'est pas étendue à Lyon."),
    ("fr", "Personne n'a été blessé."),
    ("fr", "Il ne peut pas voter, faute de papiers."),
    ("fr", "Selon l'article, le ministre n'a pas signé l'accord."),
    ("fr", "Aucun accord n'a été signé."),
    ("fr", "Le rapport n'a pas été publié avant 2021."),
    ("fr", "Le nom du directeur est mentionné dans l'article : Alexandr Wang."),
]


@pytest.mark.parametrize(("language", "text"), REFUSALS)
def test_an_honest_refusal_is_not_counted_as_a_wrong_answer(language: Language, text: str) -> None:
    assert is_refusal(text, language)


@pytest.mark.parametrize(("language", "text"), ANSWERS)
def test_an_answer_is_not_thrown_away_as_a_refusal(language: Language, text: str) -> None:
    assert not is_refusal(text, language)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_refusal_that_prompts_ask_for_is_known(language: Language) -> None:
    assert is_refusal(refusal(language), language)
