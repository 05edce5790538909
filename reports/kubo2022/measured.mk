# The paper's own eight runs are all there are, and curves of the main comparison are its Figure S6.
measured_scale_kubo2022 := paper
measured_figure_kubo2022 := figure_s6
